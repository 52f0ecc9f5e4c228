#!/bin/sh
# Runs the Go tests of the browser packages in headless Chromium, with fake devices.
#   scripts/test-wasm.sh [go test flags and packages]
set -eu
cd "$(dirname "$0")/.."
runner=$(command -v wasmbrowsertest || echo "$PWD/bin/tools/wasmbrowsertest")
[ -x "$runner" ] || { echo "wasmbrowsertest is missing: run make setup" >&2; exit 1; }
[ $# -gt 0 ] || set -- -v ./jsbridge/...
# headless_shell there adds the switches that the runner does not pass on.
PATH=$PWD/jsbridge/testdata:$PATH
# The runner reads the toolchain's wasm_exec.js, and does not know where from if it was built with -trimpath.
GOROOT=$(go env GOROOT)
export PATH GOROOT
GOOS=js GOARCH=wasm exec go test -exec "$runner" -timeout 300s "$@"
