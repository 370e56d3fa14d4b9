"""Medians and paired ratios of what load.interleave() measured."""

import statistics

from . import load, report

UNITS = ["answer", "requests/s", "CPU µs", "best", "× CPU", "user instr.", "× instr.", "p99 ms", "bytes"]
ADDED = ["answer", "requests/s", "CPU µs", "adds", "× CPU", "user instr.", "adds"]


def median(values) -> float:
    return statistics.median(list(values))


def ratio(metric: str, of: load.Side, against: load.Side) -> float | None:
    """The median of the ratios of neighbouring slices. Instructions repeat exactly and need no pairs."""
    if metric == "instructions":
        return of.instructions / against.instructions if of.instructions and against.instructions else None
    return median(getattr(a, metric) / getattr(b, metric) for a, b in zip(of.samples, against.samples))


def added(metric: str, guarded: load.Side, unguarded: load.Side) -> float | None:
    """The median of the differences of neighbouring slices; of instructions, of what was counted."""
    if metric == "instructions":
        return guarded.instructions - unguarded.instructions if guarded.instructions and unguarded.instructions else None
    pairs = [(getattr(a, metric), getattr(b, metric)) for a, b in zip(guarded.samples, unguarded.samples)]
    return median(a - b for a, b in pairs) if all(a and b for a, b in pairs) else None


def figures(side: load.Side) -> dict:
    cycles = [sample.cycles for sample in side.samples if sample.cycles]
    return {
        "requests_per_second": median(sample.requests_per_second for sample in side.samples),
        "cpu_us": median(sample.cpu_us for sample in side.samples),
        "cpu_us_best": min(sample.cpu_us for sample in side.samples),
        "instructions": side.instructions,
        "cycles": median(cycles) if cycles else None,
        "bytes": median(sample.bytes_per_request for sample in side.samples),
        "p99_us": median(sample.p99_us for sample in side.samples),
    }


def _number(value: float | None, digits: int = 0) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def table(title: str, sides: list[load.Side]) -> report.Table:
    """One row a side; the ratios say how much more than the first side this one costs."""
    with_cycles = all(sample.cycles for side in sides for sample in side.samples)
    rows = []
    for side in sides:
        f = figures(side)
        rows.append([
            side.name, _number(f["requests_per_second"]),
            _number(f["cpu_us"], 2), _number(f["cpu_us_best"], 2), _number(ratio("cpu_us", side, sides[0]), 2),
            _number(f["instructions"]), _number(ratio("instructions", side, sides[0]), 2),
            _number(f["p99_us"] / 1000, 1), _number(f["bytes"]),
            *([_number(f["cycles"])] if with_cycles else [])])
    return report.Table(title, UNITS + (["cycles"] if with_cycles else []), rows)


def table_of_added(title: str, sides: list[load.Side]) -> report.Table:
    """One row a side: what it costs, and how much of that it adds to the first side."""
    with_cycles = all(sample.cycles for side in sides for sample in side.samples)
    rows = []
    for side in sides:
        f = figures(side)
        first = side is sides[0]

        def more(metric: str, digits: int = 0) -> str:
            value = None if first else added(metric, side, sides[0])
            return "" if first else "–" if value is None else f"{value:+,.{digits}f}"

        rows.append([
            side.name, _number(f["requests_per_second"]), _number(f["cpu_us"], 2), more("cpu_us", 2),
            _number(ratio("cpu_us", side, sides[0]), 3), _number(f["instructions"]), more("instructions"),
            *([_number(f["cycles"]), more("cycles")] if with_cycles else [])])
    return report.Table(title, ADDED + (["cycles", "adds"] if with_cycles else []), rows)
