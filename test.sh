#!/bin/bash
# Installs what is missing, builds, and runs every test: CTest, then prove over t/.
# Usage: ./test.sh [--asan | --tsan] [--long] [t/FILE.t…]
#   --asan   all of it with the AddressSanitizer + UBSan build
#   --tsan   all of it with the ThreadSanitizer build
#   --long   also the tests that take minutes (t/90-*)
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
preset=release
tests=()
for argument in "$@"; do
    case $argument in
        --asan | --tsan) preset=${argument#--} ;;
        --long) export GATEHOUSE_LONG=1 ;;
        -*) sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
        *) tests+=("$(realpath "$argument" 2>/dev/null || realpath "$root/$argument")") ;;
    esac
done

cd "$root"
# shellcheck source=scripts/packages.sh
. scripts/packages.sh
scripts/setup.sh --tests
scripts/build.sh "$preset" --tests

export GATEHOUSE_BUILD=$root/build/$preset
export LC_ALL=C.UTF-8
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1  # a message alone fails no unit test
logs=$root/build/test
mkdir -p "$logs"

# An interrupted run's nginx and sidecars are not ours to hunt: t/lib ends what it started.
status=0
if ((${#tests[@]} == 0)); then
    ctest --test-dir "$GATEHOUSE_BUILD" -j "$(nproc)" --output-on-failure --timeout 300 |
        tee "$logs/ctest.log" || status=1
    tests=(t)
fi
prove -r -j "${GATEHOUSE_TEST_JOBS:-$(nproc)}" "${tests[@]}" | tee "$logs/prove.log" || status=1

if [[ -s $logs/ctest.log && ${tests[0]} == t ]]; then
    echo
    grep -E '^[0-9]+% tests passed' "$logs/ctest.log" || true
    grep -E '^(All tests successful|Files=|Result:)' "$logs/prove.log" || true
fi
give_back "$root/build"
exit $status
