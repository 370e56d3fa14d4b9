#!/bin/bash
# Starts the sidecar and nginx, and ends both when one is told to end or nginx is gone.
set -euo pipefail

config=${GATEHOUSE_CONFIG:-/etc/gatehouse/gatehouse.json}
nginx_config=${GATEHOUSE_NGINX_CONFIG:-/etc/gatehouse/nginx.conf}

gatehoused -t -c "$config"

# The jobs of the shell are asked for, as a signal may come before a variable has the number of the last one.

# await PID: its status. Looks up every second: a signal that comes just before `wait` is not seen until that returns.
await() {
    while kill -0 "$1" 2>/dev/null; do
        sleep 1 &
        wait "$!" || true
    done
    wait "$1"
}

# The sidecar is started again when it dies: nginx serves the last good data meanwhile.
keep_sidecar() {
    local child status
    trap 'for child in $(jobs -p); do kill -s TERM "$child" 2>/dev/null || true; done; wait; exit 0' TERM QUIT
    while true; do
        status=0
        gatehoused -c "$config" &
        await "$!" || status=$?
        echo "entrypoint: the sidecar ended with status $status, starting it again" >&2
        sleep 1
    done
}

sidecar=
told=

# tell_nginx SIGNAL
tell_nginx() {
    local job
    told=$1
    for job in $(jobs -p); do
        [[ $job == "$sidecar" ]] || kill -s "$1" "$job" 2>/dev/null || true
    done
}

# docker stop sends QUIT (STOPSIGNAL): nginx finishes the responses it is sending.
trap 'tell_nginx QUIT' QUIT
trap 'tell_nginx TERM' TERM INT

keep_sidecar &
sidecar=$!
nginx -c "$nginx_config" &
nginx=$!
trap 'kill -s HUP "$nginx" 2>/dev/null; pkill -HUP -P "$sidecar" gatehoused' HUP
[[ -z $told ]] || tell_nginx "$told"

status=0
await "$nginx" || status=$?
kill -s TERM "$sidecar" 2>/dev/null || true
wait "$sidecar" 2>/dev/null || true
exit "$status"
