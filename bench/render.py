"""What JSON of a numeric table costs: MB a second on one core, by Google Benchmark, at three sizes."""

import argparse
import statistics

from harness import google_benchmark, paths, report
from harness.report import Table, Target

SOURCES = ["bench/render_bench.cpp", *(f"sidecar/render/{name}.cpp" for name in
           ("render", "json", "csv", "cell", "number_text", "string_text", "time_text")),
           "sidecar/base/table.cpp", "sidecar/base/time_text.cpp"]
KINDS = {"integers": "integers", "2_decimals": "numbers with 2 decimals", "6_decimals": "numbers with 6 decimals",
         "all_digits": "numbers of full length"}
SHAPES = ("records", "columns")
ROWS = (1000, 10_000, 100_000)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench/run.sh render", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="passes of each, in random order (default 20)")
    options = parser.parse_args()
    program = google_benchmark.build(paths.fresh_directory("render") / "render_bench", SOURCES)
    speeds: dict[str, list[float]] = {}
    for row in google_benchmark.passes(program, options.rounds, "--benchmark_min_time=0.02"):
        speeds.setdefault(row["run_name"], []).append(row["bytes_per_second"] / 1e6)

    result = report.Report("render", "bench/run.sh render")
    result.tables.append(Table(
        f"MB of JSON a second, of 14 columns: medians of {options.rounds} passes, in random order",
        ["", "shape", *(f"{rows:,} rows" for rows in ROWS)],
        [[name, shape, *(f"{statistics.median(speeds[f'{kind}/{shape}/{rows}']):,.0f}" for rows in ROWS)]
         for kind, name in KINDS.items() for shape in SHAPES]))
    result.targets += [Target(f"JSON of 10,000 rows of {name}, as {shape}, median",
                              statistics.median(speeds[f"{kind}/{shape}/10000"]), at_least=300, unit="MB/s")
                       for kind, name in KINDS.items() for shape in SHAPES]
    result.data = {"megabytes_per_second": speeds}
    result.save()


if __name__ == "__main__":
    main()
