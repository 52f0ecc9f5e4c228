// Command enginechild is the engine's child process alone, for tests that need the
// real engine without the rest of the gateway.
package main

import (
	"fmt"
	"os"

	"nertc/gateway/engine/embedded"
)

func main() {
	if err := embedded.RunChild(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
