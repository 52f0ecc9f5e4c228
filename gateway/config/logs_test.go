package config

import (
	"strings"
	"testing"
	"time"
)

func TestLogs(t *testing.T) {
	c, _, err := load(t, "", nil, nil)
	if err != nil || c.Logs != defaultLogs() || c.Logs.Directory != "" {
		t.Errorf("without settings: %+v, %v", c, err)
	}
	c, _, err = load(t, "logs: {directory: /var/log/calls, size: 65536, rate: 3, days: 2, quota: 99999999}\n",
		[]string{"NERTC_LOGS_DAYS=3"}, []string{"--logs-rate", "0"})
	want := Logs{Directory: "/var/log/calls", Size: 65536, Quota: 99999999, Rate: 0, Retention: 72 * time.Hour}
	if err != nil || c.Logs != want {
		t.Errorf("%+v, %v", c, err)
	}
	c, _, err = load(t, "logs: {days: 2}\n", nil, nil)
	if err != nil || len(c.Warnings) != 1 || c.Warnings[0] != "logs.days has no effect without logs.directory" {
		t.Errorf("without a directory: %+v, %v", c, err)
	}
}

func TestLogErrors(t *testing.T) {
	for yaml, want := range map[string]string{
		"logs: {size: 1}":                     `FILE:1: logs.size: "1" is not a whole number from 16384 to 67108864`,
		"logs: {days: 0}":                     `FILE:1: logs.days: "0" is not`,
		"logs: {rate: -1}":                    `FILE:1: logs.rate: "-1" is not`,
		"logs: {directory: ''}":               "FILE:1: logs.directory: is empty",
		"logs: {directory: x, quota: 100000}": "FILE:1: logs.quota: one log of 2097152 bytes is more than the 100000 for all",
		"logs: {place: x}":                    "FILE:1: logs.place: unknown key; known here: directory, size,",
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
