"""A large CSV to a card of aggregates: the sidecar, from its start to its end, beside the dashboard's pandas script."""

import argparse
import dataclasses
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import time

from harness import compare, paths, processes, report, tools
from harness.report import Table, Target

EXAMPLE = paths.ROOT / "conf" / "examples" / "multi-civilization"
BYTES_PER_ROW = 92.2  # of the example's statistics
MiB = 1 << 20


@dataclasses.dataclass
class Run:
    seconds: float
    cpu_seconds: float
    peak_bytes: int


def statistics_of(size: int) -> pathlib.Path:
    """The example's statistics, some `size` bytes of them. Made once: it takes a minute a gigabyte."""
    rows = round(size / BYTES_PER_ROW)
    directory = paths.OUTPUT / f"statistics-{rows}"
    file = directory / "multi_civilization_statistics.csv"
    if not file.exists():
        print(f"bench: generating {rows} rows", file=sys.stderr)
        subprocess.run(["perl", EXAMPLE / "generate.pl", "--rows", str(rows), directory], check=True)
    return file


def read_once(file: pathlib.Path) -> None:
    """Brings the file into the page cache."""
    with open(file, "rb", buffering=0) as source:
        while source.read(16 * MiB):
            pass


def run(command: list, output: pathlib.Path) -> Run:
    started = time.monotonic()
    with open(output, "wb") as log:
        child = subprocess.Popen([str(word) for word in processes.urgent(command)], stdout=log, stderr=log)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"bench: {command[0]} ended with {child.returncode}:\n{output.read_text(errors='replace')[-2000:]}")
    return Run(time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


class Ours:
    name = "gatehoused --once"

    def __init__(self, directory: pathlib.Path, file: pathlib.Path):
        directory.mkdir()
        self.board, self.log = directory / "board", directory / "log"
        self.config = directory / "gatehouse.json"
        # The example's own card; comments are whole lines there.
        text = re.sub(r"^\s*//.*$", "", (EXAMPLE / "gatehouse.json").read_text(), flags=re.M)
        example = json.loads(re.sub(r",(\s*[}\]])", r"\1", text))
        card = {**example["cards"]["aggregations"], "formats": ["json"], "compress": False}
        self.config.write_text(json.dumps({
            "link": {"socket": str(directory / "link.sock")},
            "control": {"socket": str(directory / "control.sock")},
            "api": {"socket": "off"},
            "board": {"file": str(self.board)},
            "engine": {"memory_limit": "256m", "threads": 2},
            "sources": {"statistics": {"kind": "csv", "path": str(file)}},
            "cards": {"aggregations": card},
        }, indent=2))

    def run(self) -> Run:
        self.board.unlink(missing_ok=True)  # what a board file has is not computed again
        return run([paths.SIDECAR, "-c", self.config, "--once"], self.log)

    def result(self) -> dict:
        """The card's JSON stands in the board file as it is served."""
        found = re.search(rb'\{"knowledge":.*?\}\}', self.board.read_bytes(), re.S)
        return json.loads(found.group())


class Pandas:
    name = "pandas, read_csv"

    def __init__(self, directory: pathlib.Path, file: pathlib.Path):
        directory.mkdir()
        self.file, self.output = file, directory / "output"

    def run(self) -> Run:
        script = paths.ROOT / "bench" / "peers" / "pandas_aggregates.py"
        return run(["/usr/bin/python3", script, self.file], self.output)

    def result(self) -> dict:
        return json.loads(self.output.read_text())


def flat(tree: dict, prefix: str = "") -> dict:
    return {path: value for name, node in tree.items()
            for path, value in (flat(node, f"{prefix}{name}.") if isinstance(node, dict)
                                else {prefix + name: node}).items()}


def check_same(ours: dict, theirs: dict) -> None:
    """Value by value; sums are taken in another order, so the last digits may differ."""
    ours, theirs = flat(ours), flat(theirs)
    if list(ours) != list(theirs):
        sys.exit(f"bench: other keys: {list(ours)} and {list(theirs)}")
    for path, value in theirs.items():
        if not math.isclose(ours[path], value, rel_tol=1e-12):
            sys.exit(f"bench: {path} is {ours[path]}, by pandas {value}")


def row(name: str, runs: list[Run]) -> list[str]:
    best = min(runs, key=lambda r: r.seconds)
    return [name, f"{compare.median(r.seconds for r in runs):.2f}", f"{best.seconds:.2f}",
            f"{compare.median(r.cpu_seconds for r in runs):.2f}",
            f"{max(r.peak_bytes for r in runs) / MiB:,.0f}"]


def paired(of: list[Run], against: list[Run], what) -> float:
    return compare.median(what(a) / what(b) for a, b in zip(of, against))


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench/run.sh csv", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1000, help="of CSV (default 1000)")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each, in turn (default 5)")
    options = parser.parse_args()
    tools.require("pandas", "openblas")
    paths.require_built(paths.SIDECAR)

    file = statistics_of(options.megabytes * 1_000_000)
    directory = paths.fresh_directory("csv_aggregates")
    ours, pandas = Ours(directory / "ours", file), Pandas(directory / "pandas", file)
    read_once(file)
    runs = {side: [] for side in (ours, pandas)}
    for _ in range(options.rounds):
        for side, done in runs.items():
            done.append(side.run())
    check_same(ours.result(), pandas.result())

    result = report.Report("csv", "bench/run.sh csv")
    result.tables.append(Table(
        f"{file.stat().st_size / 1e6:,.0f} MB of CSV, 11 columns, to a card of 10 aggregates; "
        f"{options.rounds} runs each, in turn",
        ["", "seconds", "best", "CPU seconds", "peak MiB"], [row(side.name, done) for side, done in runs.items()]))
    result.targets += [
        Target("Faster than pandas, by the clock", paired(runs[pandas], runs[ours], lambda r: r.seconds), at_least=5),
        Target("Peak memory, of pandas'", paired(runs[ours], runs[pandas], lambda r: r.peak_bytes), at_most=1 / 3),
    ]
    result.data = {side.name: [dataclasses.asdict(r) for r in done] for side, done in runs.items()}
    result.save()


if __name__ == "__main__":
    main()
