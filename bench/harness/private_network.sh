#!/bin/bash
# Runs a command in a network namespace of its own, where only the loopback interface is.
# BBR, which some machines have as their default, paces what it sends by timers: on loopback that measures
# the timers. Usage: private_network.sh COMMAND…
set -euo pipefail

ip link set lo up
for control in cubic reno; do
    # A namespace may only choose what net.ipv4.tcp_allowed_congestion_control lists.
    if (echo $control >/proc/sys/net/ipv4/tcp_congestion_control) 2>/dev/null; then
        break
    fi
done
exec "$@"
