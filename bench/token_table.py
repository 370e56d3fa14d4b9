"""What the verdict on an API token costs without nginx, in a table of a thousand tokens to a million: nanoseconds by
Google Benchmark, user instructions counted by callgrind, and the memory of the table.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys

from harness import paths, report, tools
from harness.report import Table, Target

SIZES = [1000, 100_000, 1_000_000]
VERDICTS = 5000
COUNTED_TOKENS = 1000


def build(directory: pathlib.Path) -> pathlib.Path:
    """Needs the sources and the library scripts/build.sh has made of them."""
    program = directory / "token_table_bench"
    machine = ["-mcx16"] if report.platform.machine() == "x86_64" else []
    subprocess.run(["g++", "-std=c++20", "-O2", "-g", "-Wall", "-Wextra", *machine, "-I", paths.ROOT,
                    paths.ROOT / "bench" / "token_table_bench.cpp", paths.CORE_LIBRARY, "-lbenchmark", "-lpthread",
                    "-lcrypto", "-ljansson", "-o", program], check=True)
    return program


def collected(program: pathlib.Path, kind: str) -> float:
    """User instructions of one verdict, or of the hash alone."""
    run = subprocess.run(["valgrind", "--tool=callgrind", "--collect-atstart=no", "--callgrind-out-file=/dev/null",
                          program, "count", str(COUNTED_TOKENS), str(VERDICTS), kind], capture_output=True, text=True)
    found = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or not found:
        sys.exit(f"bench: {kind}: {run.stderr[-2000:]}")
    return int(found[1]) / VERDICTS


def nanoseconds(program: pathlib.Path, seconds: float, rounds: int) -> dict[str, float]:
    """The best of interleaved rounds, of CPU time: whatever else a machine does makes memory slower, never faster."""
    run = subprocess.run([program, f"--benchmark_min_time={seconds}", f"--benchmark_repetitions={rounds}",
                          "--benchmark_enable_random_interleaving=true", "--benchmark_format=json"],
                         stdout=subprocess.PIPE, text=True, check=True)
    rows = [row for row in json.loads(run.stdout)["benchmarks"] if row["run_type"] == "iteration"]
    for row in rows:
        if row.get("error_occurred"):
            sys.exit(f"bench: {row['name']}: {row['error_message']}")
    best: dict[str, float] = {}
    for row in rows:
        best[row["run_name"]] = min(row["cpu_time"], best.get(row["run_name"], row["cpu_time"]))
    return best


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench/run.sh token_table", description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.05, help="for each time that is measured (default 0.05)")
    parser.add_argument("--rounds", type=int, default=20, help="of which the best counts (default 20)")
    options = parser.parse_args()
    tools.require("g++", "valgrind", "benchmark")
    paths.require_built(paths.CORE_LIBRARY)

    program = build(paths.fresh_directory("token_table"))
    times = nanoseconds(program, options.seconds, options.rounds)
    counted = {kind: collected(program, kind) for kind in ("hash", "known")}
    made = {n: [float(x) for x in subprocess.run([program, "size", str(n)], stdout=subprocess.PIPE, text=True,
                                                 check=True).stdout.split()] for n in SIZES}
    beyond = {n: times[f"known/{n}"] - times[f"hashes/{n}"] for n in SIZES}

    result = report.Report("token_table", "bench/run.sh token_table")
    result.tables.append(Table(
        "Nanoseconds of a verdict, tokens in random order", ["tokens", "checksum and hash", "known", "unknown",
                                                             "among the changes", "a look-up adds"],
        [[f"{n:,}", *(f"{times[f'{kind}/{n}']:.0f}" for kind in ("hashes", "known", "unknown", "changed")),
          f"{beyond[n]:.0f}"] for n in SIZES]))
    result.tables.append(Table("Parts", ["part", "ns"], [
        ["the checksum, which drops junk", f"{times['checksum']:.0f}"],
        ["SHA-256 with a kept context", f"{times['hash/kept']:.0f}"],
        ["SHA-256 by OpenSSL's one-shot call", f"{times['hash/one_shot']:.0f}"]]))
    result.tables.append(Table("User instructions", ["what", "instructions"], [
        ["checksum and hash", f"{counted['hash']:.0f}"],
        ["the whole verdict", f"{counted['known']:.0f}"]]))
    result.tables.append(Table("The table", ["tokens", "MiB", "bytes a token", "made in ms"], [
        [f"{n:,}", f"{size / 2**20:.1f}", f"{size / n:.0f}", f"{ms:.0f}"] for n, (size, ms) in made.items()]))
    result.targets.append(Target("A look-up among a million tokens, beyond the hash", beyond[1_000_000], at_most=300,
                                 unit="ns"))
    result.notes.append("Every token has a name of its own, a thousand users share them; 4096 changes lie over the "
                        "table. All workers map one copy of it.")
    result.data = {"nanoseconds": times, "instructions": counted, "tables": made}
    result.save()


if __name__ == "__main__":
    main()
