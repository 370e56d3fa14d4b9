"""What choosing the points of a plot costs: nanoseconds a point, of ten million, by Google Benchmark on one core."""

import argparse
import statistics

from harness import google_benchmark, paths, report
from harness.report import Table, Target

POINTS = 10_000_000
SOURCES = ["bench/steps_bench.cpp", "sidecar/steps/lttb.cpp", "sidecar/steps/lttb_shared.cpp", "sidecar/steps/extremes.cpp",
           "sidecar/steps/choose_rows.cpp"]
NAMES = {
    "lttb_of_points": "LTTB",
    "lttb_of_rows": "LTTB, x is the number of the row",
    "minmaxlttb_of_points": "MinMaxLTTB",
    "chosen/minmax": "step: minmax",
    "chosen/m4": "step: m4",
    "chosen/lttb": "step: lttb",
    "chosen/minmaxlttb": "step: minmaxlttb",
}


def measure(rounds: int) -> dict[str, list[float]]:
    """CPU time of passes over all points."""
    program = google_benchmark.build(paths.fresh_directory("steps") / "steps_bench", SOURCES)
    times: dict[str, list[float]] = {}
    for row in google_benchmark.passes(program, rounds, "--benchmark_min_time=0.0001"):
        times.setdefault(row["run_name"], []).append(row["cpu_time"] * 1e6 / POINTS)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench/run.sh steps", description=__doc__)
    parser.add_argument("--rounds", type=int, default=100, help="passes of each, in random order (default 100)")
    options = parser.parse_args()
    times = measure(options.rounds)

    result = report.Report("steps", "bench/run.sh steps")
    result.tables.append(Table(
        f"1,000 of 10 million points, nanoseconds a point; {options.rounds} passes of each, in random order",
        ["", "best", "median"],
        [[name, f"{min(times[key]):.2f}", f"{statistics.median(times[key]):.2f}"] for key, name in NAMES.items()]))
    result.targets += [
        Target("LTTB, of x and y, best", min(times["lttb_of_points"]), at_most=2, unit="ns"),
        Target("min/max, the whole choice, best", min(times["chosen/minmax"]), at_most=0.8, unit="ns"),
        Target("MinMaxLTTB, of x and y, best", min(times["minmaxlttb_of_points"]), at_most=1, unit="ns"),
    ]
    result.notes.append("All data come from memory, 80 MB of each coordinate. The best is quoted: whatever else the machine "
                        "does makes it slower, never faster. The steps look for gaps as well.")
    result.data = {"nanoseconds": times}
    result.save()


if __name__ == "__main__":
    main()
