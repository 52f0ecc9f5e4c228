package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"nertc/gateway/config"
	"nertc/gateway/doctor"
)

const doctorUsage = `nertc-gateway doctor looks at what serve would run with, changes nothing, and says what to do.
It takes the flags, the file and the environment that serve takes. A gateway that serves
already is left alone.

Exit codes: 0 nothing hinders a start (there may be warnings), 1 something does, 2 the
configuration is wrong.

`

func doctorCommand(args, environ []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("nertc-gateway doctor", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() {
		fmt.Fprint(stderr, doctorUsage)
		fs.PrintDefaults()
	}
	flags := config.Register(fs)
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitUsage // the flag package has said why
	}
	if fs.NArg() > 0 {
		fmt.Fprintf(stderr, "nertc-gateway doctor: %q is no flag\n", fs.Arg(0))
		return exitUsage
	}
	cfg, err := config.Load(flags, environ)
	if err != nil {
		fmt.Fprintf(stderr, "nertc-gateway: the configuration is wrong:\n%v\n", err)
		return exitUsage
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	worst := doctor.Examine(ctx, cfg, func(f doctor.Finding) { doctor.Print(stdout, f) })
	if worst == doctor.Failed {
		return exitError
	}
	return exitOK
}
