#!/bin/bash
# Installs what building and running need: Debian packages by apt, DuckDB and sample data by npm.
# Quiet when nothing is missing. Needs root or sudo only when a Debian package is missing.
# Usage: scripts/setup.sh [--tests] [--bench] [--ci] [--fuzz]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/packages.sh
. "$root/scripts/packages.sh"

lists=(build_packages)
for option in "$@"; do
    case $option in
        --tests) lists+=(test_packages) ;;
        --bench) lists+=(test_packages bench_packages) ;;
        --ci) lists+=(test_packages ci_packages) ;;
        --fuzz) lists+=(fuzz_packages) ;;
        *) echo "usage: scripts/setup.sh [--tests] [--bench] [--ci] [--fuzz]" >&2; exit 2 ;;
    esac
done

wanted() {
    local list
    for list in "${lists[@]}"; do
        "$list"
    done
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "setup.sh: not root and no sudo; run as root: $*" >&2
        return 1
    fi
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        -o Dpkg::Use-Pty=0 "$@" </dev/null
}

# Debian starts a service it has just installed. A policy that says no, for this run only, keeps
# nginx from taking port 80 of a machine where somebody only wants to try a demo.
without_services() {
    local policy=/usr/sbin/policy-rc.d status=0
    if [[ -e $policy ]]; then
        "$@"
        return
    fi
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod +x "$policy"
    "$@" || status=$?
    as_root rm -f "$policy"
    return $status
}

install_debian_packages() {
    local packages
    mapfile -t packages < <(missing_packages wanted)
    if ((${#packages[@]} == 0)); then
        return
    fi
    echo "setup: installing ${packages[*]}"
    # Only a machine whose package lists are absent or too old to hold these versions needs an update.
    if ! without_services apt_install "${packages[@]}"; then
        as_root apt-get update -q </dev/null
        without_services apt_install "${packages[@]}"
    fi
}

install_npm_packages() {
    if ! third_party_missing "$root"; then
        return
    fi
    echo "setup: installing the npm packages of third_party/package-lock.json"
    local target=$root/build/third_party
    mkdir -p "$target"
    cp "$root/third_party/package.json" "$target/"
    # The lock file is copied last: it is what says that the installation is complete.
    local lock=$root/third_party/package-lock.json
    rm -rf "$target/package-lock.json" "$target/node_modules"
    cp "$lock" "$target/package-lock.json"
    if ! (cd "$target" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null); then
        rm -f "$target/package-lock.json"
        return 1
    fi
}

install_debian_packages
install_npm_packages
give_back "$root/build"
