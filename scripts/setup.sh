#!/usr/bin/env bash
# Installs what a fresh Debian machine with Go, Node and apt lacks for building and testing.
# Safe to run again: each step says whether it had anything to do, and a second run takes about a second.
set -euo pipefail
cd "$(dirname "$0")/.."

# Exact, so that every machine tests with the same one.
WASMBROWSERTEST=v0.11.0
TOOLS="$PWD/bin/tools"
STAMP=node_modules/.setup-stamp
export GOFLAGS="${GOFLAGS:--trimpath}"

say() { printf 'setup: %-16s %s\n' "$1" "$2"; }
die() { say "$1" "$2" >&2; exit 1; }

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else
		die apt "root rights or sudo are needed to install: ${*: -1}"
	fi
}

# apt_install PACKAGE... : refreshes the package lists once, before the first installation.
lists_fresh=
apt_install() {
	command -v apt-get >/dev/null || die apt "apt-get is missing; install by hand: $*"
	export DEBIAN_FRONTEND=noninteractive
	if [ -z "$lists_fresh" ]; then
		as_root apt-get update -qq
		lists_fresh=1
	fi
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

for tool in go node npm; do
	command -v "$tool" >/dev/null || die "$tool" "missing; it is the one thing that must be there before (Go 1.26, Node 20 or later)"
done

# The race detector is linked by the C compiler. A compiler without the C library's headers is no use either.
if command -v gcc >/dev/null && [ -e /usr/include/stdlib.h ]; then
	say gcc "already there"
else
	say gcc "installing gcc and libc6-dev"
	apt_install gcc libc6-dev
fi

CHROMIUM="${CHROMIUM:-/usr/bin/chromium}"
if [ -x "$CHROMIUM" ]; then
	say chromium "already there"
else
	say chromium "installing"
	apt_install chromium
	[ -x "$CHROMIUM" ] || die chromium "installed, but not found at $CHROMIUM"
fi

# The other browser of the end-to-end tests.
FIREFOX="${FIREFOX:-/usr/bin/firefox-esr}"
if [ -x "$FIREFOX" ]; then
	say firefox "already there"
else
	say firefox "installing"
	apt_install firefox-esr
	[ -x "$FIREFOX" ] || die firefox "installed, but not found at $FIREFOX"
fi

# Saved pictures and recordings are judged by another decoder than the browser that made them.
if command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null; then
	say ffmpeg "already there"
else
	say ffmpeg "installing"
	apt_install ffmpeg
fi

# A real RTMP server for the tests of live tasks. They start it themselves, with a configuration of their own: Debian's
# packages would also start a web server of the machine's, which nobody here has asked for.
if command -v nginx >/dev/null && [ -e /usr/lib/nginx/modules/ngx_rtmp_module.so ]; then
	say nginx-rtmp "already there"
else
	say nginx-rtmp "installing, without starting it"
	nobody_starts=
	if [ ! -e /usr/sbin/policy-rc.d ]; then
		nobody_starts=/usr/sbin/policy-rc.d
		printf '#!/bin/sh\nexit 101\n' | as_root tee "$nobody_starts" >/dev/null
		as_root chmod 755 "$nobody_starts"
	fi
	installed=yes
	apt_install nginx libnginx-mod-rtmp || installed=
	[ -z "$nobody_starts" ] || as_root rm -f "$nobody_starts"
	[ -n "$installed" ] || die nginx-rtmp "could not be installed"
	# Nor at the machine's next start.
	if command -v systemctl >/dev/null && [ -d /run/systemd/system ]; then as_root systemctl disable -q nginx || true; fi
fi

# The relay's certificate in the tests of TURN over TLS.
if command -v openssl >/dev/null; then
	say openssl "already there"
else
	say openssl "installing"
	apt_install openssl
fi

# Same contents of the lock file, same packages.
lock="$(sha256sum package-lock.json | cut -d' ' -f1)"
if [ -f "$STAMP" ] && [ "$(cat "$STAMP")" = "$lock" ]; then
	say "npm packages" "already there"
else
	say "npm packages" "installing by npm ci"
	# The tests use Debian's Chromium; Playwright's own would be 150 MB more.
	PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error
	echo "$lock" >"$STAMP"
fi

if [ -x "$TOOLS/wasmbrowsertest-$WASMBROWSERTEST" ]; then
	say wasmbrowsertest "already there"
else
	say wasmbrowsertest "installing $WASMBROWSERTEST"
	mkdir -p "$TOOLS"
	GOBIN="$TOOLS" GOOS= GOARCH= go install "github.com/agnivade/wasmbrowsertest@$WASMBROWSERTEST"
	cp "$TOOLS/wasmbrowsertest" "$TOOLS/wasmbrowsertest-$WASMBROWSERTEST"
fi

# One stamp for go.sum: asking the module cache costs a second each time.
sums="$(cat go.mod go.sum | sha256sum | cut -d' ' -f1) $(go env GOMODCACHE)"
if [ -f "$TOOLS/.modules-stamp" ] && [ "$(cat "$TOOLS/.modules-stamp")" = "$sums" ] && [ -d "$(go env GOMODCACHE)/cache/download" ]; then
	say "go modules" "already there"
else
	say "go modules" "downloading"
	go mod download
	echo "$sums" >"$TOOLS/.modules-stamp"
fi
