#!/bin/bash
# Builds the module, the sidecar and the command line into build/<preset>/. Installs nothing.
# Usage: scripts/build.sh [release|asan|tsan] [extra cmake options, such as -DNGINX_SRC=…]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/packages.sh
. "$root/scripts/packages.sh"

preset=release
case ${1:-} in
    release | asan | tsan) preset=$1; shift ;;
    -D*) ;;
    "") ;;
    *) echo "usage: scripts/build.sh [release|asan|tsan] [-DNAME=VALUE…]" >&2; exit 2 ;;
esac

# DuckDB and nginx can come from elsewhere: then their packages are not asked for.
options=" $* "
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
cmake --preset "$preset" "$@" | sed 's/^/cmake: /'
cmake --build --preset "$preset" --parallel "${GATEHOUSE_JOBS:-$(nproc)}"
give_back "$root"
echo "built: build/$preset/{ngx_http_gatehouse_module.so,gatehoused,gatehousectl}"
