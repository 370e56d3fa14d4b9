"""What seven days of history cost, at 35,000 results of checks a week and at 100 times that: queries of charts as cards
read them, writing what ten seconds bring, and commits of another writer to the same file while a cleanup takes
the oldest seventh away.
"""

import argparse
import pathlib
import subprocess

from harness import paths, report, tools
from harness.report import Table, Target

SCALES = [1, 100]
LIMIT_MS = 20


def build(directory: pathlib.Path) -> pathlib.Path:
    """Needs the sources and the libraries scripts/build.sh has made of them."""
    program = directory / "history_bench"
    machine = ["-mcx16"] if report.platform.machine() == "x86_64" else []
    subprocess.run(["g++", "-std=c++20", "-O2", "-g", "-Wall", "-Wextra", *machine, "-I", paths.ROOT,
                    paths.ROOT / "bench" / "history_bench.cpp", paths.SIDECAR_LIBRARY, paths.CORE_LIBRARY, "-lsqlite3",
                    "-lpthread", "-o", program], check=True)
    return program


def at(sorted_values: list[float], share: float) -> float:
    return sorted_values[min(int(len(sorted_values) * share), len(sorted_values) - 1)]


def said(program: pathlib.Path, *words: str) -> list[str]:
    return subprocess.run([program, *words], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()


def queries(program: pathlib.Path, file: str, rounds: int) -> dict[str, dict]:
    found = {}
    for line in said(program, "query", file, str(rounds)):
        what, rows, times = line.split("|")
        values = sorted(float(ms) for ms in times.split())
        found[what] = {"rows": int(rows), "median": at(values, 0.5), "worst": values[-1]}
    return found


def cleanup(program: pathlib.Path, file: str, seconds: int) -> dict:
    lines = {line.split()[0]: [float(x) for x in line.split()[1:]] for line in said(program, "clean", file, str(seconds))}
    found = {kind: sorted(lines[kind]) for kind in ("idle", "cleaning", "batches")}
    return {**{kind: {"commits": len(values), "median": at(values, 0.5), "p99": at(values, 0.99), "worst": values[-1]}
               for kind, values in found.items() if values}, "removed": int(lines["removed"][0]),
            "done": lines["removed"][1] == 1}


def size_of(file: pathlib.Path) -> float:
    return file.stat().st_size / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench/run.sh history", description=__doc__)
    parser.add_argument("--rounds", type=int, default=50, help="of each query (default 50)")
    parser.add_argument("--seconds", type=int, default=60, help="of commits, every other one beside a cleanup (default 60)")
    options = parser.parse_args()
    tools.require("g++")
    paths.require_built(paths.SIDECAR_LIBRARY, paths.CORE_LIBRARY)

    directory = paths.fresh_directory("history")
    program = build(directory)
    charts, writes, cleanups, sizes = {}, {}, {}, {}
    for scale in SCALES:
        file = directory / f"{scale}.db"
        said(program, "fill", str(file), str(scale))
        sizes[scale] = size_of(file)
        charts[scale] = queries(program, str(file), options.rounds)
        writes[scale] = sorted(float(ms) for ms in said(program, "write", str(file), str(options.rounds))[0].split())
        cleanups[scale] = cleanup(program, str(file), options.seconds)
        file.unlink()

    result = report.Report("history", "bench/run.sh history")
    result.tables.append(Table(
        "Milliseconds of a chart's query, median / worst", ["chart", "rows", *(f"{35_000 * s:,} results a week" for s in SCALES)],
        [[what, " / ".join(dict.fromkeys(f"{charts[s][what]['rows']:,}" for s in SCALES)),
          *(f"{charts[s][what]['median']:.2f} / {charts[s][what]['worst']:.2f}" for s in SCALES)] for what in charts[1]]))
    result.tables.append(Table(
        "Microseconds of another writer's commit, median / p99 / worst", ["", *(f"{35_000 * s:,} results a week" for s in SCALES)],
        [[label, *("{median:.0f} / {p99:.0f} / {worst:.0f}".format(**cleanups[s][kind]) for s in SCALES)]
         for label, kind in (("alone", "idle"), ("beside a cleanup", "cleaning"))]))
    result.tables.append(Table(
        "The cleanup", ["", *(f"{35_000 * s:,} results a week" for s in SCALES)],
        [["milliseconds of a batch, median / worst",
          *("{median:.1f} / {worst:.1f}".format(**cleanups[s]["batches"]) for s in SCALES)],
         ["rows taken away", *(f"{cleanups[s]['removed']:,}{'' if cleanups[s]['done'] else ', not done'}" for s in SCALES)]]))
    result.tables.append(Table(
        "The database", ["", *(f"{35_000 * s:,} results a week" for s in SCALES)],
        [["MiB", *(f"{sizes[s]:.0f}" for s in SCALES)],
         ["milliseconds to write ten seconds of 20 endpoints, median / worst",
          *(f"{at(writes[s], 0.5):.1f} / {writes[s][-1]:.1f}" for s in SCALES)]]))
    for scale in SCALES:
        slowest = max((chart for what, chart in charts[scale].items() if not what.startswith("every")),
                      key=lambda chart: chart["median"])
        result.targets.append(Target(f"The slowest chart, {35_000 * scale:,} results a week", slowest["median"],
                                     at_most=LIMIT_MS, unit="ms"))
        result.targets.append(Target(f"p99 of another writer's commits beside a cleanup, {35_000 * scale:,} results a week",
                                     cleanups[scale]["cleaning"]["p99"] / cleanups[scale]["idle"]["p99"], at_most=1.1))
    result.notes.append("A week of minutes and hours and a day of ten seconds, of 4 checks and 3 endpoints, and of 400 and 300. "
                        "Commits one a millisecond, flushed to the disk each; seconds with and without a cleanup take turns.")
    result.data = {"queries": charts, "writes": writes, "cleanups": cleanups, "mib": sizes}
    result.save()


if __name__ == "__main__":
    main()
