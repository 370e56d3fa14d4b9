#!/bin/bash
# Builds the module, the sidecar and the command line into build/<preset>/. Installs nothing.
# Usage: scripts/build.sh [release|asan|tsan] [--tests] [-DNAME=VALUE…]
#   --tests   also the unit tests and what only tests run
#   -D…       handed to CMake, such as -DNGINX_SRC=/path/to/nginx-1.28.0
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/packages.sh
. "$root/scripts/packages.sh"

preset=release
targets=(--target ngx_http_gatehouse_module gatehoused gatehousectl)
cmake_options=()
for argument in "$@"; do
    case $argument in
        release | asan | tsan) preset=$argument ;;
        --tests) targets=() ;;
        -D*) cmake_options+=("$argument") ;;
        *) sed -n '3,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
    esac
done

# DuckDB and nginx can come from elsewhere: then their packages are not asked for.
options=" ${cmake_options[*]} "
not_needed() {
    [[ $options == *-DDUCKDB_ROOT=* && $1 =~ ^(nodejs|npm)$ ]] ||
        [[ $options == *-DNGINX_SRC=* && $1 =~ ^(nginx|nginx-dev)$ ]]
}

missing=()
for package in $(missing_packages build_packages); do
    not_needed "$package" || missing+=("$package")
done
if ((${#missing[@]})); then
    {
        echo "build.sh: missing packages: ${missing[*]}"
        echo "  install them:  sudo apt-get install -y --no-install-recommends ${missing[*]}"
        echo "  or run:        scripts/setup.sh"
    } >&2
    exit 1
fi
if [[ $options != *-DDUCKDB_ROOT=* ]] && third_party_missing "$root"; then
    {
        echo "build.sh: missing: the npm packages of third_party/package-lock.json (DuckDB)"
        echo "  install them:  mkdir -p build/third_party && cp third_party/package*.json build/third_party/ &&"
        echo "                 npm ci --ignore-scripts --prefix build/third_party"
        echo "  or run:        scripts/setup.sh"
        echo "  or give a system-wide libduckdb:  scripts/build.sh $preset -DDUCKDB_ROOT=/usr/local"
    } >&2
    exit 1
fi

cd "$root"
# With ccache, every checkout shares what one has compiled, wherever it lies.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
cmake --preset "$preset" "${cmake_options[@]}" | sed 's/^/cmake: /'
cmake --build --preset "$preset" --parallel "${GATEHOUSE_JOBS:-$(nproc)}" "${targets[@]}"
give_back "$root/build"
echo "built: build/$preset/{ngx_http_gatehouse_module.so,gatehoused,gatehousectl}"
