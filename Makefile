# The commands of the project; README.md says what each is for.
SHELL := /bin/bash
export GOFLAGS := $(or $(GOFLAGS),-trimpath)
# Chromium comes from the system (scripts/setup.sh): Playwright's own download is never needed.
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1

LISTEN ?= 127.0.0.1:8080

.NOTPARALLEL:
.PHONY: help setup demo build test test-go test-shim test-wasm test-e2e test-package test-bundlers pack size packages bench fuzz licenses coverage clean

help:
	@echo "make setup | demo | build | test | test-go | test-shim | test-wasm | test-e2e | test-package | test-bundlers | pack | bench | fuzz | licenses | clean"

setup:
	@scripts/setup.sh

build: packages
	@node scripts/build.mjs

# The npm packages, for those who build without the rest of the setup.
packages:
	@[ -d node_modules/esbuild ] || npm ci

demo: setup build
	@echo "demo: http://$(LISTEN)/ (Ctrl-C ends it)"
	@exec bin/nertc-gateway serve --listen $(LISTEN)

# Every kind runs even if an earlier one failed; the last line has the sum of all kinds.
test: setup build
	@node scripts/test.mjs all

test-go:
	@node scripts/test.mjs go

test-shim: packages
	@node scripts/test.mjs shim

test-wasm:
	@node scripts/test.mjs wasm

test-e2e: build
	@node scripts/test.mjs e2e

test-package: build
	@node scripts/test.mjs package

# The packed package in fresh projects of each bundler, which npm installs at exact versions; prints a table.
test-bundlers: build
	@node scripts/test.mjs bundlers

# The npm package: dist/NAME-VERSION.tgz.
pack: build
	@node scripts/pack.mjs

size: build
	@node scripts/test.mjs size

bench: build
	@node bench/run.mjs $(BENCH)

# Every fuzz target of the Go code: FUZZTIME seconds each, or as long as in CI.
fuzz:
	@node scripts/fuzz.mjs $(FUZZTIME)

licenses:
	@node scripts/licenses.mjs

# Writes docs/api-coverage.md anew; test-shim fails when it is out of date.
coverage:
	@node scripts/coverage.mjs

clean:
	rm -rf bin/nertc-gateway dist bench/out tests/out test-results playwright-report
	find gateway/site/assets -type f ! -name .gitkeep -delete
