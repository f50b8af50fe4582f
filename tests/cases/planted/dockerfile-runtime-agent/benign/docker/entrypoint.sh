#!/bin/sh
set -eu

# Docker secrets are files: LEDGERLENS_TOKEN_FILE names one, the token itself then stays out of the image's settings.
if [ -z "${LEDGERLENS_TOKEN:-}" ] && [ -r "${LEDGERLENS_TOKEN_FILE:-}" ]; then
    LEDGERLENS_TOKEN=$(cat "$LEDGERLENS_TOKEN_FILE")
    export LEDGERLENS_TOKEN
fi
exec tini -- "$@"
