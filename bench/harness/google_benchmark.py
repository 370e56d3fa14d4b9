"""Programs of Google Benchmark that are built for a comparison, and what they say."""

import json
import pathlib
import subprocess
import sys

from harness import paths


def build(program: pathlib.Path, sources: list[str]) -> pathlib.Path:
    """With the release build's optimization, of these sources of the project and nothing else."""
    subprocess.run(["g++", "-std=c++20", "-O2", "-g", "-Wall", "-Wextra", "-I", paths.ROOT,
                    *(paths.ROOT / source for source in sources), "-lbenchmark", "-lpthread", "-o", program], check=True)
    return program


def passes(program: pathlib.Path, rounds: int, *options: str) -> list[dict]:
    """Of every benchmark `rounds` passes on one processor, in random order: the machine may change its speed for seconds."""
    run = subprocess.run(["taskset", "-c", "0", program, f"--benchmark_repetitions={rounds}",
                          "--benchmark_enable_random_interleaving=true", "--benchmark_format=json", *options],
                         stdout=subprocess.PIPE, text=True, check=True)
    rows = [row for row in json.loads(run.stdout)["benchmarks"] if row["run_type"] == "iteration"]
    for row in rows:
        if row.get("error_occurred"):
            sys.exit(f"bench: {row['name']}: {row['error_message']}")
    return rows
