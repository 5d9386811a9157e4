#!/bin/sh
# Miniflare starts this in place of workerd. Its configuration comes on standard input; workerd gets the same one without
# Miniflare's own Worker on the way out (direct-outbound.ts), and takes this process over.
set -eu
config=$(mktemp)
"$BENCH_NODE" "$BENCH_DIRECT_OUTBOUND" > "$config"
exec 0< "$config"
rm -f "$config"
exec "$BENCH_WORKERD" "$@"
