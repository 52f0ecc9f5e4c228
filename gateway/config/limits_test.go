package config

import (
	"fmt"
	"strings"
	"testing"

	"nertc/gateway/limit"
)

func TestLimits(t *testing.T) {
	c, _, err := load(t, "", nil, nil)
	if err != nil || c.Limits != limit.Default() || len(c.TrustedProxies) != 0 {
		t.Errorf("without settings: %+v, %v", c, err)
	}
	const yaml = `trustedProxies: [10.0.0.0/8, "::1"]
limits:
  connections: 1
  connectionRate: 2
  connectionBurst: 3
  joinRate: 4
  joinBurst: 5
  members: 6
  rooms: 7
  messageRate: 8
  messageBurst: 9
  messageSize: 65536
  queue: 16
`
	c, _, err = load(t, yaml, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := limit.Values{
		Connections: 1, ConnectionRate: 2, ConnectionBurst: 3, JoinRate: 4, JoinBurst: 5, Members: 6, Rooms: 7,
		MessageRate: 8, MessageBurst: 9, MessageSize: 65536, Queue: 16,
	}
	if c.Limits != want || fmt.Sprint(c.TrustedProxies) != "[10.0.0.0/8 ::1/128]" {
		t.Errorf("%+v, %v", c.Limits, c.TrustedProxies)
	}
	c, _, err = load(t, yaml, []string{"NERTC_LIMITS_CONNECTION_RATE=0", "NERTC_LIMITS_ROOMS=20", "NERTC_TRUSTED_PROXIES=192.0.2.1, 10.1.2.3/16"},
		[]string{"--limit-rooms", "30", "--limit-members=0"})
	if err != nil {
		t.Fatal(err)
	}
	if l := c.Limits; l.ConnectionRate != 0 || l.Rooms != 30 || l.Members != 0 || fmt.Sprint(c.TrustedProxies) != "[192.0.2.1/32 10.1.0.0/16]" {
		t.Errorf("%+v, %v", c.Limits, c.TrustedProxies)
	}
}

func TestLimitErrors(t *testing.T) {
	for yaml, want := range map[string]string{
		"limits:\n  connections: -1":             `FILE:2: limits.connections: "-1" is not a whole number from 0 to 1000000`,
		"limits:\n  connectionBurst: 0":          `FILE:2: limits.connectionBurst: "0" is not a whole number from 1 to`,
		"limits:\n  joinRate: 1.5":               "FILE:2: limits.joinRate: want a whole number",
		"limits:\n  joinBurst: many":             "FILE:2: limits.joinBurst: want a whole number",
		"limits:\n  messageRate: 0":              `FILE:2: limits.messageRate: "0" is not`,
		"limits:\n  messageSize: 1048577":        `FILE:2: limits.messageSize: "1048577" is not a whole number from 32768 to 1048576`,
		"limits:\n  queue: 99999999999999999999": `FILE:2: limits.queue: `,
		"limits:\n  member: 1":                   "FILE:2: limits.member: unknown key; known here: connections, connectionRate,",
		"limits: 7":                              "FILE:1: limits: want keys and values (connections,",
		"trustedProxies: [proxy.example]":        `FILE:1: trustedProxies: "proxy.example" is neither a network`,
		"trustedProxies: 10.0.0.0/8":             "FILE:1: trustedProxies: want a list",
	} {
		_, file, err := load(t, yaml+"\n", nil, nil)
		if err == nil {
			t.Errorf("%q is accepted", yaml)
			continue
		}
		if want := strings.ReplaceAll(want, "FILE", file); !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", yaml, err, want)
		}
	}
}
