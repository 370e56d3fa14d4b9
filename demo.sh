#!/bin/bash
# Installs what is missing, builds, and serves the multi-civilization dashboard on 127.0.0.1.
# Usage: ./demo.sh [--port N] [--detach]     ./demo.sh --stop
#   --port N   listen there instead of 8080
#   --detach   return when the first card is served, and leave it running
#   --stop     end a demo that runs
# Environment: GATEHOUSE_DEMO_DIR, where data, sockets and logs are kept instead of build/demo;
#   GATEHOUSE_BUILD, a build to run as it is; GATEHOUSE_NGINX, the nginx to run it with.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/packages.sh
. "$root/scripts/packages.sh"
example=$root/conf/examples/multi-civilization
build=${GATEHOUSE_BUILD:-$root/build/release}
nginx=${GATEHOUSE_NGINX:-nginx}
demo=${GATEHOUSE_DEMO_DIR:-$root/build/demo}
[[ $build == /* ]] || build=$root/$build
[[ $demo == /* ]] || demo=$PWD/$demo
export PATH=$PATH:/usr/sbin:/sbin
stop_command="${GATEHOUSE_DEMO_DIR:+GATEHOUSE_DEMO_DIR=$GATEHOUSE_DEMO_DIR }$root/demo.sh --stop"

port=8080
detach=
action=start

usage() {
    sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
}

while (($#)); do
    case $1 in
        --port)
            [[ ${2:-} =~ ^[1-9][0-9]{0,4}$ && $2 -le 65535 ]] || usage
            port=$2
            shift
            ;;
        --detach) detach=yes ;;
        --stop) action=stop ;;
        *) usage ;;
    esac
    shift
done

# running NAME: the process id in run/NAME.pid, if that process is still the one we started.
running() {
    local pid
    read -r pid 2>/dev/null <"$demo/run/$1.pid" || return 1
    [[ $pid =~ ^[0-9]+$ ]] && tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF "$demo" || return 1
    echo "$pid"
}

# end NAME SIGNAL: asks it to stop, and insists after ten seconds.
end() {
    local pid
    pid=$(running "$1") || return 0
    kill -s "$2" "$pid" 2>/dev/null || true
    for ((i = 0; i < 100; i++)); do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -s KILL "$pid" 2>/dev/null || true
}

stop() {
    end nginx QUIT
    end gatehoused TERM
    rm -rf "$demo/run" "$demo/tmp"
    give_back "$demo"
}

# status PATH: the HTTP status of a GET; nothing when nobody answers.
status() (
    exec 2>/dev/null 3<>"/dev/tcp/127.0.0.1/$port" || exit 1
    printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$1" >&3
    read -r -t 5 _ code _ <&3 && echo "$code"
)

print_urls() {
    cat <<TEXT

  dashboard     http://127.0.0.1:$port/
  a card        http://127.0.0.1:$port/api/metrics/aggregations
  chart data    http://127.0.0.1:$port/api/data/downsampled
  runs          http://127.0.0.1:$port/api/simulations   …/1   …/1/charts
  real data     http://127.0.0.1:$port/api/data/co2   …/weather   …/flights
  catalogue     http://127.0.0.1:$port/gatehouse/cards   …/gatehouse/openapi.json
  sidecar       $build/gatehousectl -s $demo/run/control.sock status
  logs          $demo/logs/

TEXT
}

port_taken() {
    echo "demo: port $port is taken by another program; choose one with --port N" >&2
    exit 1
}

# fail MESSAGE LOG
fail() {
    echo "demo: $1; the end of $2:" >&2
    tail -n 5 "$2" >&2 || true
    stop
    exit 1
}

fail_nginx() {
    if grep -qs 'Address already in use' "$demo/logs/error.log"; then
        stop
        port_taken
    fi
    fail "nginx did not start" "$demo/logs/error.log"
}

prepare() {
    rm -rf "$demo"/{data,run,tmp,logs,modules,www}
    mkdir -p "$demo"/{data,run,tmp,logs,modules}
    cp -r "$example/www" "$example/gatehouse.json" "$demo/"
    sed "s/127\.0\.0\.1:8080/127.0.0.1:$port/; s#unix:run/#unix:$demo/run/#" "$example/nginx.conf" >"$demo/nginx.conf"
    ln -sf "$build/ngx_http_gatehouse_module.so" "$demo/modules/"
    perl "$example/generate.pl" --rows 10000 --seed 42 "$demo/data"
    local vega=$root/build/third_party/node_modules/vega-datasets/data
    cp "$vega/co2-concentration.csv" "$vega/seattle-weather.csv" "$vega/flights-3m.parquet" "$demo/data/"
    echo "$port" >"$demo/run/port"
}

start() {
    # A session of its own: Ctrl-C reaches this script alone, which ends both in order.
    setsid "$build/gatehoused" -c "$demo/gatehouse.json" </dev/null >"$demo/logs/gatehoused.log" 2>&1 &
    echo $! >"$demo/run/gatehoused.pid"
    disown

    # As root, nginx's workers would become nobody, who may not read a checkout under /root.
    local user=()
    ((EUID != 0)) || user=(-g "user root;")
    setsid "$nginx" -p "$demo" -c nginx.conf -e logs/error.log "${user[@]}" </dev/null >"$demo/logs/nginx.out" 2>&1 ||
        fail_nginx

    for ((i = 0; i < 300; i++)); do
        # The card the page draws first.
        [[ $(status /api/data/downsampled) != 200 ]] || return 0
        running gatehoused >/dev/null || fail "the sidecar ended" "$demo/logs/gatehoused.log"
        sleep 0.1
    done
    fail "no card after 30 seconds" "$demo/logs/gatehoused.log"
}

# keep_runs: three runs of the simulation, for /api/simulations.
keep_runs() {
    local seed
    for seed in 1 2 3; do
        perl "$example/generate.pl" --rows 1000 --seed "$seed" "$demo/data/run-$seed"
        "$build/gatehousectl" -s "$demo/run/control.sock" dataset put simulations \
            "$demo/data/run-$seed/multi_civilization_statistics.csv" --append --run-name "world $seed" \
            --time "2026-01-0${seed}T12:00:00Z" --param "seed=$seed" --param rows=1000 >>"$demo/logs/runs.log" 2>&1 ||
            fail "a run was not kept" "$demo/logs/runs.log"
    done
}

# Says what happens when one of the two is killed by hand, which is worth trying.
watch_both() {
    local sidecar=yes
    while running nginx >/dev/null; do
        if [[ $sidecar ]] && ! running gatehoused >/dev/null; then
            sidecar=
            echo "demo: the sidecar is gone; nginx goes on serving the last good data"
        fi
        sleep 1 &
        wait $!
    done
    echo "demo: nginx is gone" >&2
}

if [[ $action == stop ]]; then
    stop
    exit 0
fi

if running nginx >/dev/null; then
    if [[ $(cat "$demo/run/port" 2>/dev/null) == "$port" && $(status /) ]]; then
        echo "demo: already running; end it with $stop_command"
        print_urls
        exit 0
    fi
fi
stop
if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    port_taken
fi
if ((${#demo} > 85)); then
    echo "demo: the path $demo is too long for a Unix socket (108 bytes);" \
        "try GATEHOUSE_DEMO_DIR=/tmp/gatehouse-demo $0" >&2
    exit 1
fi

if [[ -z ${GATEHOUSE_BUILD:-} ]]; then
    "$root/scripts/setup.sh"
    "$root/scripts/build.sh" release
fi
prepare

if [[ -z $detach ]]; then
    trap 'stop; echo "demo: stopped"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
fi
start
keep_runs
print_urls
if [[ $detach ]]; then
    echo "running; end it with $stop_command"
else
    echo "Ctrl-C ends it"
    watch_both
fi
