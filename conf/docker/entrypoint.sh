#!/bin/bash
# Starts the sidecar and nginx, and ends both when one is told to end or nginx is gone.
set -euo pipefail

config=${GATEHOUSE_CONFIG:-/etc/gatehouse/gatehouse.json}
nginx_config=${GATEHOUSE_NGINX_CONFIG:-/etc/gatehouse/nginx.conf}

gatehoused -t -c "$config"

# The sidecar is started again when it dies: nginx serves the last good data meanwhile.
keep_sidecar() {
    local child status
    trap 'kill -s "$forward" "$child" 2>/dev/null; wait "$child"; exit 0' TERM QUIT
    while true; do
        forward=TERM
        status=0
        gatehoused -c "$config" &
        child=$!
        wait "$child" || status=$?
        echo "entrypoint: the sidecar ended with status $status, starting it again" >&2
        sleep 1
    done
}

keep_sidecar &
sidecar=$!
nginx -c "$nginx_config" &
nginx=$!

# docker stop sends QUIT (STOPSIGNAL): nginx finishes the responses it is sending.
trap 'kill -s QUIT "$nginx" 2>/dev/null' QUIT
trap 'kill -s TERM "$nginx" 2>/dev/null' TERM INT
trap 'kill -s HUP "$nginx" 2>/dev/null; pkill -HUP -P "$sidecar" gatehoused' HUP

# wait returns early when a signal was handled, with a status that is the signal's: the last one is nginx's own.
while kill -0 "$nginx" 2>/dev/null; do
    wait "$nginx" || true
done
status=0
wait "$nginx" || status=$?
kill -s TERM "$sidecar" 2>/dev/null || true
wait "$sidecar" 2>/dev/null || true
exit "$status"
