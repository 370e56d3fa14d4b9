"""What data cost on their way to the board: a row added to a CSV that grows, and a restart, each at three sizes, with the
peak memory of the sidecar.
"""

import argparse
import pathlib
import statistics

from harness import data, paths, report, sidecar
from harness.report import Table, Target

ENGINE = {"memory_limit": "256m", "process_memory_limit": "2g", "threads": 2, "workers": 2}


def grown_file(directory: pathlib.Path, megabytes: int) -> tuple[pathlib.Path, str]:
    """The file, and a line that fits it."""
    header, rows = data.write_series(directory / "block.csv", 4000).read_text().split("\n", 1)
    file = directory / "grows.csv"
    with open(file, "w") as output:
        output.write(header + "\n")
        while output.tell() < megabytes * 1_000_000:
            output.write(rows)
    return file, rows.split("\n", 1)[0] + "\n"


def added_rows(directory: pathlib.Path, file: pathlib.Path, line: str, grows: bool) -> tuple[float, float]:
    """Milliseconds from a refresh by hand until the card is computed, a row having been added; peak MiB."""
    daemon = sidecar.Sidecar(
        directory, {"s": {"kind": "csv", "path": str(file), "watch": False, "append": grows}},
        {"n": {"path": "/n", "refresh": "1h", "sql": "select count(*) as n, avg(series_01_mean) as mean from s"}}, engine=ENGINE)
    daemon.start()
    times = []
    for _ in range(5):
        with open(file, "a") as output:
            output.write(line)
        times.append(daemon.refresh_ms("n"))
    peak = daemon.peak_mib()
    daemon.stop()
    return statistics.median(times), peak


def append(options: argparse.Namespace, directory: pathlib.Path, result: report.Report) -> None:
    rows = []
    for size in options.append_mb:
        own = directory / f"append-{size}"
        own.mkdir()
        file, line = grown_file(own, size)
        whole, whole_peak = added_rows(own / "whole", file, line, grows=False)
        read_on, read_on_peak = added_rows(own / "read_on", file, line, grows=True)
        rows.append([f"{size:,}", f"{whole:,.0f}", f"{read_on:,.0f}", f"{whole_peak:,.0f}", f"{read_on_peak:,.0f}"])
        result.targets.append(Target(f"A row added to {size} MB, of reading all of it", read_on / whole, at_most=0.2))
    result.tables.append(Table("A row added to a CSV of 14 columns, its card computed: ms, and peak MiB",
                               ["MB of CSV", "read whole", "read on", "peak, whole", "peak, read on"], rows))


def restart(options: argparse.Namespace, directory: pathlib.Path, result: report.Report) -> None:
    rows = []
    for count in options.restart_cards:
        own = directory / f"restart-{count}"
        own.mkdir()
        file = data.write_series(own / "series.csv", 1000)
        daemon = sidecar.Sidecar(own / "ours", {"s": {"kind": "csv", "path": str(file)}}, {
            f"card{index}": {"path": f"/{index}", "formats": ["json"],
                             "sql": f"select * from s where Time % {count} = {index} order by all"}
            for index in range(count)}, engine=ENGINE)
        first = daemon.start()
        daemon.stop()
        again = daemon.start()
        peak = daemon.peak_mib()
        daemon.stop()
        rows.append([f"{count:,}", f"{first:.2f}", f"{again:.2f}", f"{peak:,.0f}"])
    result.tables.append(Table("Until all cards over one CSV of 1,000 rows are good: s, and peak MiB of the restart",
                               ["cards", "first start", "restart", "peak"], rows))


def main() -> None:
    parts = {"append": append, "restart": restart}
    parser = argparse.ArgumentParser(prog="bench/run.sh data", description=__doc__)
    parser.add_argument("--only", choices=parts, action="append", help="default: all")
    parser.add_argument("--append-mb", type=int, nargs="+", default=[10, 30, 100], metavar="MB")
    parser.add_argument("--restart-cards", type=int, nargs="+", default=[10, 100, 1000], metavar="CARDS")
    options = parser.parse_args()
    paths.require_built(paths.SIDECAR)
    directory = paths.fresh_directory("data")
    result = report.Report("data", "bench/run.sh data")
    for name in options.only or parts:
        parts[name](options, directory, result)
    result.save()


if __name__ == "__main__":
    main()
