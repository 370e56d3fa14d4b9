"""What a comparison found: tables, targets, and the machine; as text, Markdown and JSON."""

import dataclasses
import json
import os
import pathlib
import platform
import sys
import time

from . import cost, paths


@dataclasses.dataclass
class Target:
    """A bound on a measured figure, in words and numbers."""
    what: str
    measured: float | None
    at_most: float | None = None
    at_least: float | None = None
    unit: str = "×"

    @property
    def bound(self) -> str:
        sign, value = ("≤", self.at_most) if self.at_most is not None else ("≥", self.at_least)
        return f"{sign} {value:.3g} {self.unit}"

    @property
    def met(self) -> bool | None:
        if self.measured is None:
            return None
        return ((self.at_most is None or self.measured <= self.at_most)
                and (self.at_least is None or self.measured >= self.at_least))

    def row(self) -> list[str]:
        measured = "not measured" if self.measured is None else f"{self.measured:.3g} {self.unit}"
        return [self.what, measured, self.bound, {None: "–", True: "met", False: "MISSED"}[self.met]]


@dataclasses.dataclass
class Table:
    title: str
    head: list[str]
    rows: list[list[str]]


class Report:
    def __init__(self, name: str, command: str):
        self.name = name
        self.command = command
        self.tables: list[Table] = []
        self.targets: list[Target] = []
        self.notes: list[str] = []
        self.data: dict = {}  # the figures behind the tables, for programs

    def save(self) -> None:
        tables = [*self.tables]
        if self.targets:
            tables.append(Table("Targets", ["cost", "measured", "target", ""], [t.row() for t in self.targets]))
        document = {
            "name": self.name,
            "command": self.command,
            "machine": machine(),
            "tables": [dataclasses.asdict(table) for table in tables],
            "targets": [{**dataclasses.asdict(t), "met": t.met} for t in self.targets],
            "notes": self.notes,
            "data": self.data,
        }
        file = _file(self.name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        print(as_text(document))
        print(f"\nwritten: {file.relative_to(paths.ROOT)}", file=sys.stderr)


def _file(name: str) -> pathlib.Path:
    return paths.OUTPUT / f"{name}.json"


def saved(name: str) -> dict:
    if not _file(name).exists():
        sys.exit(f"bench: {name} was not measured yet; run:  bench/run.sh {name}")
    return json.loads(_file(name).read_text())


def machine() -> dict:
    names = [line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
             if line.startswith("model name")]
    return {
        "cpu": names[0] if names else platform.machine(),
        "cores": os.cpu_count(),
        "kernel": ".".join(platform.release().split(".")[:2]),
        "instructions_counted_by": cost.how_instructions_are_counted(),
        "congestion_control": pathlib.Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip(),
        "load_average": float(pathlib.Path("/proc/loadavg").read_text().split()[0]),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }


def _machine_line(document: dict) -> str:
    m = document["machine"]
    return (f"{m['cpu']}, {m['cores']} cores, Linux {m['kernel']}, TCP {m['congestion_control']}, {m['date']}; "
            f"user instructions counted by {m['instructions_counted_by']}")


def as_text(document: dict) -> str:
    lines = [f"{document['name']}: {_machine_line(document)}"]
    for table in document["tables"]:
        lines += ["", table["title"]]
        rows = [table["head"], *table["rows"]]
        widths = [max(len(row[column]) for row in rows) for column in range(len(table["head"]))]
        for row in rows:
            cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))]
            lines.append("  " + "  ".join(cells))
    return "\n".join(lines + ["", *document["notes"]])


def as_markdown(document: dict) -> str:
    lines = []
    for table in document["tables"]:
        lines += [f"**{table['title']}**", "", "| " + " | ".join(table["head"]) + " |",
                  "|---" + "|--:" * (len(table["head"]) - 1) + "|"]
        lines += ["| " + " | ".join(row) + " |" for row in table["rows"]] + [""]
    lines += [f"{note}  " for note in document["notes"]]
    return "\n".join([*lines, f"`{document['command']}` on {_machine_line(document)}."])
