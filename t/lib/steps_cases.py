#!/usr/bin/python3
"""Writes the sources and cards that t/32-steps.t asks for: DIRECTORY/*.csv and, to standard output, a configuration.

usage: steps_cases.py DIRECTORY
"""
import json
import pathlib
import sys

import numpy as np

METHODS = ["nth", "mean", "minmax", "m4", "lttb", "minmaxlttb"]


def walk(rng, n):
    return np.cumsum(rng.standard_normal(n))


def with_gaps(rng, y):
    y = y.copy()
    for _ in range(1 + len(y) // 100):
        begin = rng.integers(len(y))
        y[begin:begin + rng.integers(1, 9)] = np.nan
    return y


def series(rng):
    """Name, x and y of every kind that a downsampling has to bear."""
    def row_numbers(n):
        return np.arange(n, dtype=float)

    for n in (500, 1237, 5000):
        yield f"walk{n}", row_numbers(n), walk(rng, n)
        yield f"uneven{n}", np.sort(rng.exponential(1, n)).cumsum(), walk(rng, n)
        yield f"gaps{n}", row_numbers(n), with_gaps(rng, walk(rng, n))
        yield f"ties{n}", row_numbers(n), rng.integers(-3, 4, n).astype(float)
        yield f"same_x{n}", np.sort(rng.integers(0, n // 5, n)).astype(float), rng.standard_normal(n)
        yield f"unsorted{n}", rng.permutation(n).astype(float), walk(rng, n)
        yield f"huge{n}", row_numbers(n) * 1e300, walk(rng, n) * 1e300
        yield f"tiny{n}", row_numbers(n) * 1e-300, walk(rng, n) * 1e-200
    n = 700
    yield "constant", row_numbers(n), np.full(n, 0.1)
    yield "one_x", np.full(n, 7.0), rng.standard_normal(n)
    yield "no_values", row_numbers(n), np.full(n, np.nan)
    yield "no_x", np.full(n, np.nan), walk(rng, n)
    infinite = walk(rng, n)
    infinite[[0, 99, 100, n - 1]] = [np.inf, -np.inf, np.inf, np.nan]
    yield "infinite", row_numbers(n), infinite
    half = walk(rng, n)
    half[::2] = np.nan
    yield "every_second", row_numbers(n), half
    missing_x = row_numbers(n)
    missing_x[[0, 5, 300, n - 1]] = np.nan
    yield "missing_x", missing_x, walk(rng, n)
    yield "offset", row_numbers(n) + 1e9, walk(rng, n) + 1e9
    for few in (0, 1, 2, 3, 7):
        yield f"rows{few}", row_numbers(few), walk(rng, few)


def tables(rng):
    """Name, types and columns for correlation, principal components, classes and aggregates."""
    def mixed(n, p):
        return rng.standard_normal((n, p)) @ rng.standard_normal((p, p)) + 5 * rng.standard_normal(p)

    for n, p in ((3, 2), (50, 3), (400, 12), (5000, 7)):
        for type_name in ("DOUBLE", "FLOAT"):
            yield f"plain{n}_{type_name.lower()}", type_name, mixed(n, p).astype(
                np.float32 if type_name == "FLOAT" else float)
            gappy = mixed(n, p)
            gappy[rng.random((n, p)) < 0.1] = np.nan
            yield f"gappy{n}_{type_name.lower()}", type_name, gappy.astype(np.float32 if type_name == "FLOAT" else float)
    constant = mixed(300, 4)
    constant[:, 2] = 0.1
    yield "constant", "DOUBLE", constant
    yield "huge", "DOUBLE", mixed(300, 4) * 1e300 / 64
    yield "sizes", "DOUBLE", mixed(300, 4) * np.array([1e200, 1, 1e-100, 1e-250])
    yield "offset", "DOUBLE", mixed(3000, 4) + 1e9
    late = mixed(6000, 3)
    late[:2500] = 0
    late[2500:] += 1e6
    yield "late", "DOUBLE", late
    ties = rng.integers(0, 5, (800, 4)).astype(float)
    yield "ties", "DOUBLE", ties
    infinite = mixed(200, 3)
    infinite[[3, 50], [0, 1]] = [np.inf, -np.inf]
    yield "infinite", "DOUBLE", infinite
    yield "empty", "DOUBLE", np.empty((0, 3))
    yield "single", "DOUBLE", mixed(1, 3)
    yield "nothing", "DOUBLE", np.full((40, 3), np.nan)


def cell(value):
    return "" if np.isnan(value) else repr(float(value))


def write(directory, name, header, rows):
    path = directory / f"{name}.csv"
    path.write_text("\n".join([",".join(header)] + [",".join(row) for row in rows]) + "\n", encoding="ascii")
    return str(path)


class Configuration:
    def __init__(self, directory):
        self.directory, self.sources, self.cards = directory, {}, {}

    def source(self, name, columns, rows):
        """Columns by name, since whoever writes the configuration may sort its keys."""
        order = sorted(range(len(columns)), key=list(columns).__getitem__)
        path = write(self.directory, name, sorted(columns), [[row[i] for i in order] for row in rows])
        self.sources[name] = {"kind": "csv", "path": path, "columns": dict(sorted(columns.items())), "watch": False}

    def card(self, source, label, *steps):
        name = f"{source}-{label}"
        self.cards[name] = {"path": f"/steps/{name}", "sql": f"select * from {source}", "sources": [source],
                            "steps": list(steps), "formats": ["json"], "compress": False}


def add_downsampling(to, rng):
    for name, x, y in series(rng):
        source = f"d_{name}"
        rows = [[str(i), cell(a), cell(b), f"r{i}"] for i, (a, b) in enumerate(zip(x, y))]
        to.source(source, {"row": "BIGINT", "x": "DOUBLE", "y": "DOUBLE", "text": "VARCHAR"}, rows)
        for method in METHODS:
            for points in (5, 40, 101):
                to.card(source, f"{method}-{points}",
                        {"downsample": {"method": method, "points": points, "x": "x", "columns": ["y"]}})
    rows = [[str(i)] + [cell(v) for v in values] for i, values in
            enumerate(zip(walk(rng, 900), 1000 * walk(rng, 900), with_gaps(rng, walk(rng, 900))))]
    to.source("several", {"t": "INTEGER", "a": "DOUBLE", "b": "DOUBLE", "c": "DOUBLE"}, rows)
    for method in METHODS:
        for align in ("shared", "each"):
            to.card("several", f"{method}-{align}",
                    {"downsample": {"method": method, "points": 40, "x": "t", "align": align}})
        for one in "abc":
            to.card("several", f"{method}-{one}",
                    {"downsample": {"method": method, "points": 40, "x": "t", "columns": [one]}})


def add_statistics(to, rng):
    figures = ["min", "max", "mean", "first", "final", "sum", "count", "stddev", "median"]
    for name, type_name, values in tables(rng):
        source = f"s_{name}"
        labels = rng.choice(["a", "b", "long label of a class", ""], size=len(values))
        columns = {f"v{i}": type_name for i in range(values.shape[1])} | {"label": "VARCHAR"}
        to.source(source, columns, [[cell(v) for v in row] + [label] for row, label in zip(values, labels)])
        for method in ("pearson", "spearman"):
            for nan in ("pairwise", "complete"):
                to.card(source, f"{method}-{nan}", {"correlation": {"method": method, "nan": nan, "output": "matrix"}})
        for scale in (False, True):
            to.card(source, f"pca-{'scaled' if scale else 'plain'}",
                    {"pca": {"components": 2, "scale": scale, "label": ["label"]}})
        for seed in (1, 1, 2):
            suffix = "again" if f"{source}-classes-{seed}" in to.cards else str(seed)
            to.card(source, f"classes-{suffix}", {"class_means": {"label": "label", "samples": 5, "seed": seed}})
        to.card(source, "aggregate", {"aggregate": {"functions": figures, "quantiles": [0.1, 0.95]}})
        to.card(source, "groups", {"aggregate": {"functions": figures, "quantiles": [0.1, 0.95], "by": ["label"]}})
        to.card(source, "parts", {"parts": {
            "classes": [{"class_means": {"label": "label", "samples": 5, "seed": 1}}],
            "correlation": [{"correlation": {"output": "matrix"}}],
            "figures": [{"aggregate": {"functions": figures, "quantiles": [0.1, 0.95]}}],
            "nth": [{"downsample": {"method": "nth", "points": 10}}]}})


def main(directory):
    to = Configuration(pathlib.Path(directory))
    add_downsampling(to, np.random.default_rng(20130601))
    add_statistics(to, np.random.default_rng(20230701))
    json.dump({"sources": to.sources, "cards": to.cards}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
