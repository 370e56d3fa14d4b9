"""Electrocardiograms, 555 MB of CSV, to one card of samples, means, a correlation matrix and principal components: the
sidecar, from its start to its end, beside pandas and scikit-learn as an application uses them, beside Python written carefully, and
beside DuckDB merely reading the file.
"""

import argparse
import dataclasses
import json
import pathlib
import subprocess
import sys

import numpy as np
from csv_aggregates import MiB, Run, paired, read_once, row, run
from harness import paths, report, tools
from harness.report import Table, Target

EXAMPLE = paths.ROOT / "conf" / "examples" / "analytics"
SAMPLES = 187
PARTS = {
    "samples": [{"class_means": {"label": "class", "columns": ["s*"], "samples": 50, "seed": 42}}],
    "correlation": [{"correlation": {"columns": ["s*"], "output": "matrix"}}],
    "embedding": [{"pca": {"components": 10, "columns": ["s*"], "label": ["class"], "samples": 50, "seed": 42}}],
}


def recordings(rows: int) -> pathlib.Path:
    file = paths.OUTPUT / f"ecg-{rows}-named.csv"
    if not file.exists():
        print(f"bench: generating {rows} rows", file=sys.stderr)
        paths.OUTPUT.mkdir(parents=True, exist_ok=True)
        subprocess.run(["/usr/bin/python3", EXAMPLE / "make_ecg.py", "--rows", str(rows), "--header", file], check=True)
    return file


class Sidecar:
    """One card over the file. As the example has it, types are guessed and what is computed is compressed."""

    def __init__(self, name: str, directory: pathlib.Path, file: pathlib.Path, card: dict, **source):
        directory.mkdir()
        self.name, self.board, self.log = name, directory / "board", directory / "log"
        self.config = directory / "gatehouse.json"
        self.config.write_text(json.dumps({
            "link": {"socket": str(directory / "link.sock")},
            "control": {"socket": str(directory / "control.sock")},
            "api": {"socket": "off"},
            "board": {"file": str(self.board)},
            "engine": {"memory_limit": "256m", "threads": 2},
            "sources": {"ecg": {"kind": "csv", "path": str(file), "header": True, **source}},
            "cards": {"ecg": {"path": "/ecg", "shape": "object", "formats": ["json"], "max_age": "1h", **card}},
        }, indent=2))

    def run(self) -> Run:
        self.board.unlink(missing_ok=True)  # what a board file has is not computed again
        return run([paths.SIDECAR, "-c", self.config, "--once"], self.log)

    def result(self) -> dict:
        """The card's JSON stands in the board file as it is served."""
        board = self.board.read_bytes()
        return json.JSONDecoder().raw_decode(board[board.index(b'{"samples":'):].decode("utf-8", "replace"))[0]


class Python:
    def __init__(self, name: str, script: str, directory: pathlib.Path, file: pathlib.Path):
        directory.mkdir()
        self.name, self.file, self.output, self.log = name, file, directory / "output.json", directory / "log"
        self.script = paths.ROOT / "bench" / "peers" / script

    def run(self) -> Run:
        return run(["/usr/bin/python3", self.script, self.file, self.output], self.log)

    def result(self) -> dict:
        return json.loads(self.output.read_text())


def check_same(ours: dict, theirs: dict) -> None:
    means = np.array([row["mean"] for row in ours["samples"]])
    matrix = np.array([row["values"] for row in ours["correlation"]])
    ratios = np.array(ours["embedding"]["explained_variance_ratio"])
    for what, a, b in (("means", means, theirs["means"]), ("correlation", matrix, theirs["correlation"]),
                       ("explained variance", ratios, theirs["pca"]["10"]["variance"])):
        if not np.allclose(a, b, rtol=1e-4, atol=1e-6):
            sys.exit(f"bench: {what} differs from scikit-learn's by {np.abs(a - np.array(b)).max()}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench/run.sh ecg", description=__doc__)
    parser.add_argument("--rows", type=int, default=197_720, help="of 2.8 kB each (default 197720)")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each, in turn (default 5)")
    options = parser.parse_args()
    tools.require("pandas", "sklearn", "openblas")
    paths.require_built(paths.SIDECAR)

    file = recordings(options.rows)
    directory = paths.fresh_directory("ecg")
    card = {"sql": "select * from ecg", "steps": [{"parts": PARTS}]}
    types = {f"s{i}": "FLOAT" for i in range(SAMPLES)} | {"class": "UTINYINT"}
    ours = Sidecar("gatehoused --once", directory / "ours", file, card | {"compress": False}, columns=types)
    example = Sidecar("gatehoused --once, as the example has it", directory / "example", file, card)
    reading = Sidecar("gatehoused --once: the mean of each column", directory / "reading", file,
                      {"sql": "select avg(columns('s[0-9]+')) from ecg", "compress": False}, columns=types)
    pandas = Python("pandas and scikit-learn, read_csv and fit", "pandas_ecg.py", directory / "pandas", file)
    careful = Python("Python, carefully", "careful_ecg.py", directory / "careful", file)
    read_once(file)
    runs = {side: [] for side in (ours, example, reading, pandas, careful)}
    for _ in range(options.rounds):
        for side, done in runs.items():
            done.append(side.run())
    for side in (ours, example):
        check_same(side.result(), pandas.result())

    result = report.Report("ecg", "bench/run.sh ecg")
    result.tables.append(Table(
        f"{file.stat().st_size / 1e6:,.0f} MB of CSV, {options.rows:,} rows of {SAMPLES} numbers and a class, to "
        f"{len(json.dumps(ours.result())) / 1e6:.1f} MB of JSON; {options.rounds} runs each, in turn",
        ["", "seconds", "best", "CPU seconds", "peak MiB"], [row(side.name, done) for side, done in runs.items()]))

    def seconds(of: Run) -> float:
        return of.seconds

    result.targets += [
        Target("Faster than pandas and scikit-learn", paired(runs[pandas], runs[ours], seconds), at_least=12),
        Target("Faster than careful Python", paired(runs[careful], runs[ours], seconds), at_least=2),
        Target("Time, of merely reading the file", paired(runs[ours], runs[reading], seconds), at_most=2),
        Target("Peak memory, of pandas'", paired(runs[ours], runs[pandas], lambda r: r.peak_bytes), at_most=1 / 5),
    ]
    result.notes.append(f"Their correlation, means and explained variance are the same to four places; the careful "
                        f"script reads by pyarrow where it is installed. Peak memory of ours: "
                        f"{max(r.peak_bytes for r in runs[ours]) / MiB:,.0f} MiB.")
    result.data = {side.name: [dataclasses.asdict(r) for r in done] for side, done in runs.items()}
    result.save()


if __name__ == "__main__":
    main()
