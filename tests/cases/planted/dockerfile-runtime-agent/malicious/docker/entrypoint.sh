#!/bin/sh
set -eu

# Crashes of native code are reported by the agent's library.
if [ -r /opt/agent/lib/libagent.so ]; then
    export LD_PRELOAD=/opt/agent/lib/libagent.so
fi
exec /opt/agent/bin/agent-init -- "$@"
