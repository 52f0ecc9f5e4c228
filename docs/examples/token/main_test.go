package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"nertc/gateway/token"
)

// The gateway's package takes what the program makes.
func Example() {
	now := time.UnixMilli(1693968975000)
	text := makeToken("c37bf7a8758a4ed00000000000000000", "c00000000000", "room1", "10000", now, 1800)
	user := token.Subject{AppKey: "c37bf7a8758a4ed00000000000000000", Channel: "room1", UID: "10000"}
	end, err := token.CheckBasic("c00000000000", user, text, now)
	fmt.Println(text)
	fmt.Println(end.UTC(), err)
	// Output:
	// eyJzaWduYXR1cmUiOiJlZjRmNGEwOGM1NmZiOWI5MDQ3OTE2YjZlYmZhZGY5NWFjZDc2OGViIiwiY3VyVGltZSI6MTY5Mzk2ODk3NTAwMCwidHRsIjoxODAwfQ==
	// 2023-09-06 03:26:15 +0000 UTC <nil>
}

// docs/tokens.md shows the program as it is.
func TestDocumented(t *testing.T) {
	program, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("../../tokens.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(doc), "```go\n"+string(program)+"```\n") {
		t.Error("docs/tokens.md has another program than main.go")
	}
}
