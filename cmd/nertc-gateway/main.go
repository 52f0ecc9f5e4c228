// Command nertc-gateway is the server of the NERTC browser SDK: signalling, the SDK's
// files, a demo page and the media engine, in one program.
package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"nertc/gateway/engine/embedded"
	"nertc/internal/protocol"
)

// Exit codes: what failed while running, and what was asked wrongly.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

const usage = `nertc-gateway is the server of the NERTC browser SDK.

  nertc-gateway serve [flags]   start the gateway; serve -h lists the flags
  nertc-gateway token [flags]   make a token, with which a user may join; token -h lists the flags
  nertc-gateway permkey [flags] make a permission key, which limits what a user may do
  nertc-gateway doctor [flags]  look at ports, certificates, engine and machine, and say what to do
  nertc-gateway version         say which version this is
  nertc-gateway help            say this

Without flags and configuration file serve runs in debug mode on this machine alone:
open http://localhost:8080. docs/gateway.md describes every setting.
`

func main() {
	os.Exit(run(os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}

// run is the program, its surroundings handed in; it returns the exit code.
func run(args, environ []string, stdin io.Reader, stdout, stderr io.Writer) int {
	command := "help"
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	switch command {
	case "serve":
		return serveCommand(args, environ, stdout, stderr)
	case "token":
		return tokenMaker().run(args, environ, stdout, stderr)
	case "permkey":
		return permkeyMaker().run(args, environ, stdout, stderr)
	case "doctor":
		return doctorCommand(args, environ, stdout, stderr)
	case "engine":
		// The media engine's process, which serve starts; of no use to people.
		if err := embedded.RunChild(stdin, stdout); err != nil {
			fmt.Fprintln(stderr, "nertc-gateway engine:", err)
			return exitError
		}
		return exitOK
	case "version", "--version", "-version":
		fmt.Fprintln(stdout, version())
		return exitOK
	case "help", "--help", "-help", "-h":
		fmt.Fprint(stdout, usage)
		return exitOK
	}
	fmt.Fprintf(stderr, "nertc-gateway: there is no command %q\n\n%s", command, usage)
	return exitUsage
}

// version is what the build knows of itself: the Go command stamps it from git.
func version() string {
	v := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		v = info.Main.Version
	}
	return fmt.Sprintf("nertc-gateway %s, protocol %d, %s %s/%s", v, protocol.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
