#!/bin/bash
# Measures Gatehouse side by side with its peers.
# Usage: bench/run.sh [NAME [OPTIONS…]]   all of them, or one with its options (--help lists them)
#        bench/run.sh NAME --markdown     what was measured last, as a Markdown table
# Names: board memory publish data csv metrics health limit_zone jwt token_table guards auth steps render ecg on_demand history. Results: build/bench/NAME.json
set -euo pipefail

bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
names=(board memory publish data csv metrics health limit_zone jwt token_table guards auth steps render ecg on_demand history)

if [[ ! -x /usr/bin/python3 ]]; then
    echo "bench: missing packages: python3" >&2
    exit 1
fi

if [[ -z ${GATEHOUSE_BENCH_NETWORK:-} ]]; then
    export GATEHOUSE_BENCH_NETWORK=shared
    if command -v ip >/dev/null && unshare --net true 2>/dev/null; then
        GATEHOUSE_BENCH_NETWORK=own exec \
            unshare --net "$bench/harness/private_network.sh" "$0" "$@"
    fi
fi

# Debian's Python: the one that python3-flask and python3-pandas belong to.
comparison() {
    local name=$1
    shift
    # Python has modules of these names.
    case $name in
        csv) name=csv_aggregates ;;
        jwt) name=jwt_verdicts ;;
    esac
    PYTHONPATH=$bench PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$bench/$name.py" "$@"
}

if (($#)); then
    if [[ " ${names[*]} " != *" $1 "* ]]; then
        sed -n '3,5s/^# //p' "${BASH_SOURCE[0]}" >&2
        exit 2
    fi
    if [[ ${2:-} == --markdown ]]; then
        PYTHONPATH=$bench PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -c \
            'import sys; from harness import report; print(report.as_markdown(report.saved(sys.argv[1])))' "$1"
    else
        comparison "$@"
    fi
    exit
fi

for name in "${names[@]}"; do
    comparison "$name"
done
