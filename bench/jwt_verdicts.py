"""What the check of one JSON Web Token costs without nginx: user instructions, counted in single steps, and
nanoseconds by Google Benchmark, beside the signature alone as `openssl speed` measures it.
"""

import argparse
import json
import pathlib
import subprocess

from harness import paths, report, tools
from harness.report import Table, Target

ALGORITHMS = ["HS256", "HS512", "RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA", "Ed448"]
# Of the others a check is hundreds of thousands of instructions, nearly all of them OpenSSL's.
STEPPED = ["HS256", "HS512"]
BESIDE_OPENSSL = ["RS256", "ES256", "EdDSA"]


def build(directory: pathlib.Path) -> pathlib.Path:
    """Needs the sources and the library scripts/build.sh has made of them."""
    program = directory / "jwt_bench"
    machine = ["-mcx16"] if report.platform.machine() == "x86_64" else []
    subprocess.run(["g++", "-std=c++20", "-O2", "-g", "-Wall", "-Wextra", *machine, "-I", paths.ROOT,
                    paths.ROOT / "bench" / "jwt_bench.cpp", paths.CORE_LIBRARY, "-lbenchmark", "-lcrypto", "-ljansson",
                    "-lpthread", "-o", program], check=True)
    return program


def steps(program: pathlib.Path, algorithm: str) -> int:
    """User instructions of the check."""
    run = subprocess.run([program, "steps", algorithm], capture_output=True, text=True, check=True, timeout=120)
    return int(run.stdout)


def nanoseconds(program: pathlib.Path, seconds: float, rounds: int) -> dict[str, float]:
    """Medians of runs in random order: a machine that changes its speed changes it for all."""
    run = subprocess.run([program, f"--benchmark_min_time={seconds}", f"--benchmark_repetitions={rounds}",
                          "--benchmark_enable_random_interleaving=true", "--benchmark_report_aggregates_only=true",
                          "--benchmark_format=json"], stdout=subprocess.PIPE, text=True, check=True)
    return {row["run_name"]: row["real_time"] for row in json.loads(run.stdout)["benchmarks"]
            if row["aggregate_name"] == "median"}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench/run.sh jwt", description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.1, help="for each time that is measured (default 0.1)")
    parser.add_argument("--rounds", type=int, default=9, help="of which the median counts (default 9)")
    options = parser.parse_args()
    tools.require("g++", "benchmark")
    paths.require_built(paths.CORE_LIBRARY)

    program = build(paths.fresh_directory("jwt"))
    counted = {algorithm: steps(program, algorithm) for algorithm in STEPPED}
    times = nanoseconds(program, options.seconds, options.rounds)
    rows = []
    for algorithm in ALGORITHMS:
        alone = times.get(f"{algorithm}/signature")
        rows.append([algorithm, f"{counted[algorithm]:,}" if algorithm in counted else "",
                     f"{times[f'{algorithm}/whole']:,.0f}", f"{alone:,.0f}" if alone else ""])

    result = report.Report("jwt", "bench/run.sh jwt")
    result.tables.append(Table("The check of a token with seven claims, at first sight",
                               ["algorithm", "user instructions (stepped)", "ns", "ns, signature alone"], rows))
    result.targets.append(Target("HS256", counted["HS256"], at_most=9000, unit="instructions"))
    for algorithm in BESIDE_OPENSSL:
        ratio = times[f"{algorithm}/whole"] / times[f"{algorithm}/signature"]
        result.targets.append(Target(f"{algorithm}, beside the signature alone", ratio, at_most=1.15, unit="×"))
    result.data = {"instructions": counted, "nanoseconds": times}
    result.save()


if __name__ == "__main__":
    main()
