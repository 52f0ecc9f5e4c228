package errcode

import (
	"errors"
	"fmt"
	"io"
	"testing"
)

func TestTextHoldsCodeAndReason(t *testing.T) {
	e := FromServer(403, "netcall.g2 unsafe mode is closed, please contact business!")
	want := "code: 403, reason: netcall.g2 unsafe mode is closed, please contact business!"
	if e.Error() != want {
		t.Fatalf("got %q", e.Error())
	}
}

func TestServerCodes(t *testing.T) {
	for _, c := range []struct {
		server      int
		code        Code
		extra       int
		description string
	}{
		{403, Unauthorized, 403, "documented for join"},
		{414, BadToken, 414, "documented for join"},
		{10112, InvalidUID, 10112, "already one of ours"},
		{503, RefusedByServer, 503, "any other status"},
		{0, RefusedByServer, 0, "a server that gives none"},
		{-7, RefusedByServer, -7, "a server that means harm"},
	} {
		if e := FromServer(c.server, "x"); e.Code != c.code || e.ExtraCode != c.extra {
			t.Errorf("%s: %d became %d, %d", c.description, c.server, e.Code, e.ExtraCode)
		}
	}
}

func TestCauseIsKept(t *testing.T) {
	err := fmt.Errorf("join: %w", Wrap(Network, io.EOF, "read %s", "answer"))
	if !errors.Is(err, io.EOF) {
		t.Error("the cause is lost")
	}
	if e := Of(err); e.Code != Network || e.Reason != "read answer" {
		t.Errorf("%+v", e)
	}
	if e := Of(io.EOF); e.Code != InvalidOperation || e.Reason != "EOF" {
		t.Errorf("an error of another kind became %+v", e)
	}
}
