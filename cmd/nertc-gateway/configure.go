package main

import (
	"errors"
	"flag"
	"fmt"
	"io"

	"nertc/gateway/config"
)

// configure reads what a command runs with from flags, file and environment. Where ok is false the command ends with
// the exit code: help was asked for, or stderr has been told what is wrong. about stands in front of the flags in the help;
// without it stands the command's name.
func configure(command, about string, args, environ []string, stderr io.Writer) (cfg *config.Config, code int, ok bool) {
	fs := flag.NewFlagSet("nertc-gateway "+command, flag.ContinueOnError)
	fs.SetOutput(stderr)
	if about != "" {
		fs.Usage = func() {
			fmt.Fprint(stderr, about)
			fs.PrintDefaults()
		}
	}
	flags := config.Register(fs)
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil, exitOK, false
	case err != nil:
		return nil, exitUsage, false // the flag package has said why
	}
	if fs.NArg() > 0 {
		fmt.Fprintf(stderr, "%s: %q is no flag\n", fs.Name(), fs.Arg(0))
		return nil, exitUsage, false
	}
	cfg, err := config.Load(flags, environ)
	if err != nil {
		fmt.Fprintf(stderr, "nertc-gateway: the configuration is wrong:\n%v\n", err)
		return nil, exitUsage, false
	}
	return cfg, exitOK, true
}
