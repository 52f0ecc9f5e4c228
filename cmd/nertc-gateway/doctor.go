package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"nertc/gateway/doctor"
)

const doctorUsage = `nertc-gateway doctor looks at what serve would run with, changes nothing, and says what to do.
It takes the flags, the file and the environment that serve takes. A gateway that serves
already is left alone.

Exit codes: 0 nothing hinders a start (there may be warnings), 1 something does, 2 the
configuration is wrong.

`

func doctorCommand(args, environ []string, stdout, stderr io.Writer) int {
	cfg, code, ok := configure("doctor", doctorUsage, args, environ, stderr)
	if !ok {
		return code
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	worst := doctor.Examine(ctx, cfg, func(f doctor.Finding) { doctor.Print(stdout, f) })
	if worst == doctor.Failed {
		return exitError
	}
	return exitOK
}
