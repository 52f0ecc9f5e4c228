#!/bin/sh
# Runs the Go tests of the browser packages in headless Chromium, with fake devices.
#   scripts/test-wasm.sh [go test flags and packages]
set -eu
cd "$(dirname "$0")/.."
version=v0.11.0
tools=$PWD/node_modules/.cache/nertc
runner=$(command -v wasmbrowsertest || true)
if [ -z "$runner" ]; then
  mkdir -p "$tools"
  [ -x "$tools/wasmbrowsertest" ] || GOBIN=$tools go install github.com/agnivade/wasmbrowsertest@$version
  runner=$tools/wasmbrowsertest
fi
[ $# -gt 0 ] || set -- ./jsbridge/...
# headless_shell there adds the switches that the runner does not pass on.
PATH=$PWD/jsbridge/testdata:$PATH
# The runner reads the toolchain's wasm_exec.js, and does not know where from if it was built with -trimpath.
GOROOT=$(go env GOROOT)
export PATH GOROOT
GOOS=js GOARCH=wasm exec go test -exec "$runner" -timeout 60s "$@"
