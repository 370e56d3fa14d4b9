"""What data cost on their way to the board: a file replaced until a client sees it, many cards that refresh each second, a
row added to a CSV that grows, and a restart; each at three sizes, with the peak memory of the sidecar.
"""

import argparse
import http.client
import os
import pathlib
import shutil
import statistics
import threading
import time

from harness import data, gatehouse, paths, processes, report, sidecar
from harness.report import Table, Target

POLL = 0.0003  # seconds between two looks: who polls without a pause takes the processors from what he waits for
ENGINE = {"memory_limit": "256m", "process_memory_limit": "2g", "threads": 2, "workers": 2}
MOST_MIB = 256 + 143  # engine.memory_limit, and 150 MB


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


def quantile(values: list[float], q: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * q))]


class Client:
    """Of one card, over one connection."""

    def __init__(self, port: int, path: str):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self.path = path

    def seen(self) -> tuple[str, str]:
        """The ETag and the encoding that a client gets who takes gzip."""
        self.connection.request("HEAD", self.path, headers={"Accept-Encoding": "gzip"})
        response = self.connection.getresponse()
        response.read()
        return response.getheader("ETag"), response.getheader("Content-Encoding", "")


def replaced(client: Client, directory: pathlib.Path, variants: list[pathlib.Path], file: pathlib.Path, changes: int):
    """Milliseconds from the rename of another CSV into place until the client sees other data, and until they are compressed."""
    first, compressed = [], []
    for change in range(changes):
        before = client.seen()[0]
        shutil.copy(variants[(change + 1) % 2], directory / "next")
        begun = time.monotonic()
        os.rename(directory / "next", file)
        processes.wait_for(lambda: client.seen()[0] != before, "the new card", pause=POLL)
        first.append((time.monotonic() - begun) * 1000)
        processes.wait_for(lambda: client.seen()[1] == "gzip", "the compressed card", pause=POLL)
        compressed.append((time.monotonic() - begun) * 1000)
        time.sleep(0.15)  # so that the next change is one by itself
    return first, compressed


def latency(options: argparse.Namespace, directory: pathlib.Path, result: report.Report) -> None:
    rows = []
    for count in options.latency_rows:
        own = directory / f"latency-{count}"
        own.mkdir()
        variants = [data.write_series(own / f"variant{seed}.csv", count, seed=seed) for seed in (1, 2)]
        file = own / "watched" / "s.csv"
        file.parent.mkdir()
        shutil.copy(variants[0], file)
        board = gatehouse.Gatehouse(own / "ours", {"s": {"kind": "csv", "path": str(file)}},
                                    {"s": {"path": "/s", "sql": "select * from s", "max_age": "1h", "formats": ["json"]}}, more={"engine": ENGINE})
        first, compressed = replaced(Client(board.port, "/s"), own, variants, file, options.changes)
        peak = board.sidecar.peak_mib()
        board.stop()
        rows.append([f"{count:,}", *(f"{quantile(values, q):.1f}" for values in (first, compressed) for q in (0.5, 0.99))])
        if count == 1000:
            result.targets.append(Target("A CSV of 1,000 x 14 replaced, until a client sees it, p50", quantile(first, 0.5),
                                         at_most=3, unit="ms"))
            result.targets.append(Target("A CSV of 1,000 x 14 replaced: peak memory", peak, at_most=MOST_MIB, unit="MiB"))
    result.tables.append(Table(f"A CSV of 14 columns replaced {options.changes} times: ms from the rename until a client sees the card",
                               ["rows", "p50", "p99", "compressed: p50", "p99"], rows))


def lateness(daemon: sidecar.Sidecar, cards: int, seconds: int) -> dict:
    """What the sidecar says of the lateness of its refreshes, and how many it has begun each second."""
    before = daemon.status()
    processor = daemon.processor_seconds()
    time.sleep(seconds)
    after = daemon.status()
    ends = [sum(card["computations"] for card in status["cards"]) for status in (before, after)]
    return {"late": after["lateness"], "runs": (after["lateness"]["runs"] - before["lateness"]["runs"]) / seconds,
            "computed": (ends[1] - ends[0]) / seconds, "cores": (daemon.processor_seconds() - processor) / seconds,
            "oldest": max(card["age_ms"] for card in after["cards"]) / 1000}


def many(options: argparse.Namespace, directory: pathlib.Path, result: report.Report) -> None:
    rows = []
    for kind, sql in {"its file as it was": "select * from s where Time % {n} = {i}",
                      "its file replaced each second": "select * from s where Time % {n} = {i}",
                      "asks for the time": "select *, now() as at from s where Time % {n} = {i}"}.items():
        for count in options.many_cards:
            own = directory / f"many-{len(rows)}"
            own.mkdir()
            file = data.write_series(own / "s.csv", 1000)
            daemon = sidecar.Sidecar(own / "ours", {"s": {"kind": "csv", "path": str(file), "watch": False}}, {
                f"card{i}": {"path": f"/{i}", "formats": ["json"], "refresh": "1s", "max_age": "10s",
                             "sql": sql.format(n=count, i=i)} for i in range(count)}, engine=ENGINE)
            daemon.start()
            replacing = Replacing(own, file) if "replaced" in kind else None
            time.sleep(options.settle)
            found = lateness(daemon, count, options.seconds)
            if replacing:
                replacing.stop()
            peak = daemon.peak_mib()
            daemon.stop()
            late = found["late"]
            rows.append([kind, f"{count:,}", f"{found['runs']:,.0f}", f"{found['computed']:,.0f}", f"{late['p50_ms']}",
                         f"{late['p99_ms']}", f"{late['max_ms']}", f"{found['oldest']:.1f}", f"{found['cores']:.2f}", f"{peak:,.0f}"])
            if count == 1000:
                result.targets.append(Target(f"1,000 cards each second, {kind}: lateness p99", late["p99_ms"], at_most=250, unit="ms"))
                result.targets.append(Target(f"1,000 cards each second, {kind}: peak memory", peak, at_most=MOST_MIB, unit="MiB"))
    result.tables.append(Table("Cards over one CSV of 1,000 x 14 that refresh each second",
                               ["each card", "cards", "refreshes/s", "computed/s", "late: p50 ms", "p99", "max", "oldest data: s",
                                "cores", "peak MiB"], rows))


class Replacing:
    """Puts another CSV in the file's place each second."""

    def __init__(self, directory: pathlib.Path, file: pathlib.Path):
        self.variants = [data.write_series(directory / f"other{seed}.csv", 1000, seed=seed) for seed in (1, 2)]
        self.directory, self.file = directory, file
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        turn = 0
        while not self.stopped.wait(1):
            turn += 1
            shutil.copy(self.variants[turn % 2], self.directory / "next")
            os.rename(self.directory / "next", self.file)

    def stop(self) -> None:
        self.stopped.set()
        self.thread.join()


def main() -> None:
    parts = {"latency": latency, "many": many, "append": append, "restart": restart}
    parser = argparse.ArgumentParser(prog="bench/run.sh data", description=__doc__)
    parser.add_argument("--only", choices=parts, action="append", help="default: all")
    parser.add_argument("--latency-rows", type=int, nargs="+", default=[100, 1000, 10_000], metavar="ROWS")
    parser.add_argument("--changes", type=int, default=100, help="of the file (default 100)")
    parser.add_argument("--many-cards", type=int, nargs="+", default=[100, 300, 1000], metavar="CARDS")
    parser.add_argument("--seconds", type=int, default=30, help="that cards are watched for (default 30)")
    parser.add_argument("--settle", type=int, default=120,
                        help="seconds before: the sidecar's lateness is of the last two minutes, and the start is a burst (default 120)")
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
