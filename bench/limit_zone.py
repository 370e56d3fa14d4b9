"""What a decision of a limit costs without nginx: user instructions, counted by callgrind, and nanoseconds by Google
Benchmark, for a rate, one window and three, with one key to a million and with one thread to four.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys

from harness import paths, report, tools
from harness.report import Table, Target

# limit, keys, kind, and what it is
COUNTED = [
    ("rate", 1, "admitted", "a rate, as limit_req's"),
    ("one", 1, "admitted", "one window"),
    ("one", 100_000, "admitted", "one window, 100,000 keys"),
    ("three", 1, "admitted", "three windows"),
    ("three", 100_000, "admitted", "three windows, 100,000 keys"),
    ("three-fixed", 1, "admitted", "three fixed windows"),
    ("three-sliding", 1, "admitted", "three sliding windows"),
    ("three", 1000, "refused", "three windows, refused by the first"),
]
DECISIONS = 20_000


def build(directory: pathlib.Path) -> pathlib.Path:
    """Needs the sources and the library scripts/build.sh has made of them."""
    program = directory / "limit_zone_bench"
    machine = ["-mcx16"] if report.platform.machine() == "x86_64" else []
    subprocess.run(["g++", "-std=c++20", "-O2", "-g", "-Wall", "-Wextra", *machine, "-I", paths.ROOT,
                    paths.ROOT / "bench" / "limit_zone_bench.cpp", paths.CORE_LIBRARY, "-lbenchmark", "-lpthread",
                    "-o", program], check=True)
    return program


def collected(program: pathlib.Path, limit: str, keys: int, kind: str) -> int:
    run = subprocess.run(["valgrind", "--tool=callgrind", "--collect-atstart=no", "--callgrind-out-file=/dev/null",
                          program, "count", limit, str(keys), str(DECISIONS), kind], capture_output=True, text=True)
    found = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or not found:
        sys.exit(f"bench: {limit} {keys} {kind}: {run.stderr[-2000:]}")
    return int(found[1])


def instructions(program: pathlib.Path) -> dict[str, float]:
    """Of the hash and the decision; the loop around them, which also makes the charges, is taken away."""
    around = {limit: collected(program, limit, 1, "prepared") for limit in {row[0] for row in COUNTED}}
    return {what: (collected(program, limit, keys, kind) - around[limit]) / DECISIONS
            for limit, keys, kind, what in COUNTED}


def nanoseconds(program: pathlib.Path, seconds: float, rounds: int) -> dict[str, float]:
    """Medians. A million keys are first inserted, so the larger runs take a moment longer than they measure."""
    run = subprocess.run([program, f"--benchmark_min_time={seconds}", f"--benchmark_repetitions={rounds}",
                          "--benchmark_report_aggregates_only=true", "--benchmark_format=json"],
                         stdout=subprocess.PIPE, text=True, check=True)
    return {row["run_name"]: row["real_time"] * row["threads"] for row in json.loads(run.stdout)["benchmarks"]
            if row["aggregate_name"] == "median"}


def by_threads(times: dict[str, float]) -> list[list[str]]:
    runs: dict[str, dict[str, str]] = {}
    for name, ns in times.items():
        run, threads = re.fullmatch(r"(.*)/real_time/threads:(\d+)", name).groups()
        runs.setdefault(run, {})[threads] = f"{ns:.0f}"
    return [[run.replace("/keys/", ", keys: ").replace("/own_key", ", a key for each thread"),
             *(cells.get(threads, "") for threads in ("1", "2", "4"))] for run, cells in runs.items()]


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench/run.sh limit_zone", description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.2, help="for each time that is measured (default 0.2)")
    parser.add_argument("--rounds", type=int, default=5, help="of which the median counts (default 5)")
    options = parser.parse_args()
    tools.require("g++", "valgrind", "benchmark")
    paths.require_built(paths.CORE_LIBRARY)

    program = build(paths.fresh_directory("limit_zone"))
    counted = instructions(program)
    times = nanoseconds(program, options.seconds, options.rounds)
    result = report.Report("limit_zone", "bench/run.sh limit_zone")
    result.tables.append(Table("User instructions of a decision, with the hash of a key of four bytes",
                               ["limit", "instructions"], [[what, f"{n:.0f}"] for what, n in counted.items()]))
    result.tables.append(Table("Nanoseconds of a thread for a decision", ["limit", "1 thread", "2 threads", "4 threads"],
                               by_threads(times)))
    result.targets.append(Target("Three windows, one key", counted["three windows"], at_most=450, unit="instructions"))
    result.targets.append(Target("One window, one key", counted["one window"], at_most=130, unit="instructions"))
    result.notes.append("Threads beyond the cores share them: their nanoseconds are those of waiting, too.")
    result.data = {"instructions": counted, "nanoseconds": times}
    result.save()


if __name__ == "__main__":
    main()
