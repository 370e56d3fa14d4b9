#!/usr/bin/python3
"""Holds what t/32-steps.t was served against the papers' definitions, pandas, scipy and scikit-learn.

usage: steps_check.py DIRECTORY CONFIGURATION

DIRECTORY has each card's body as NAME.json and each source as NAME.csv. Prints the first complaints; exits with 1 if
there are any.
"""
import json
import math
import pathlib
import sys

import numpy as np
import pandas as pd
import scipy.linalg
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

import steps_definitions as papers

FIGURES = ["min", "max", "mean", "first", "final", "sum", "count", "stddev", "median", "p10", "p95"]


def close(ours, theirs, tolerance):
    """Numbers or lists of them; null stands for what is no finite number."""
    ours = np.array(ours, dtype=float)
    theirs = np.array(theirs, dtype=float)
    theirs = np.where(np.isfinite(theirs), theirs, np.nan)
    return ours.shape == theirs.shape and np.allclose(ours, theirs, rtol=tolerance, atol=tolerance, equal_nan=True)


class Data:
    def __init__(self, directory, configuration):
        self.directory = directory
        self.sources = configuration["sources"]
        self.frames = {}

    def frame(self, source):
        """The source as the sidecar reads it: FLOAT columns have lost what does not fit."""
        if source not in self.frames:
            types = self.sources[source]["columns"]
            frame = pd.read_csv(self.directory / f"{source}.csv", keep_default_na=False,
                                dtype={c: str if t == "VARCHAR" else "Int64" if t in ("BIGINT", "INTEGER") else float
                                       for c, t in types.items()},
                                na_values={c: [""] for c, t in types.items() if t != "VARCHAR"}, float_precision="round_trip")
            for column, kind in types.items():
                if kind in ("FLOAT", "DOUBLE"):
                    frame[column] = frame[column].astype(np.float32 if kind == "FLOAT" else float)
            if "label" in frame:
                frame["label"] = frame["label"].map(lambda text: text or None)  # an empty field is NULL
            self.frames[source] = frame
        return self.frames[source]

    def body(self, card):
        return json.loads((self.directory / f"{card}.json").read_text(encoding="utf-8"))


def downsampled(frame, method, points, served):
    frame = frame[np.isfinite(frame["x"])].sort_values("x", kind="stable").reset_index(drop=True)
    x, y = frame["x"].to_numpy(), frame["y"].to_numpy()
    if method == "mean":
        return means(x, y, points, served)
    order = {row: i for i, row in enumerate(frame["row"])}
    rows = [order[record["row"]] for record in served]
    for place, record in zip(rows, served):
        value = y[place] if math.isfinite(y[place]) else None
        if (record["y"], record["text"], record["x"]) != (value, f"r{record['row']}", x[place]):
            return f"row {record['row']} is not as it was: {record}"
    if len(frame) <= points:
        return None if rows == list(range(len(frame))) else f"{len(rows)} of {len(frame)} rows"
    if method == "nth":
        return None if rows == papers.nth(len(frame), points) else "not every n-th row"
    present = np.flatnonzero(np.isfinite(y))
    expected_gaps = papers.thinned(papers.gaps(y), len(y), points)
    found_gaps = [row for row in rows if not math.isfinite(y[row])]
    if found_gaps != expected_gaps:
        return f"gaps {found_gaps[:5]}, not {expected_gaps[:5]}"
    places = {row: i for i, row in enumerate(present)}
    return chosen(x[present], y[present], method, points, [places[row] for row in rows if row in places])


def chosen(x, y, method, points, rows):
    if len(y) <= points:
        return None if rows == list(range(len(y))) else "not all rows that have a value"
    if method == "lttb":
        return papers.lttb_complaint(x, y, points, rows)
    if method == "minmaxlttb":
        return papers.minmaxlttb_complaint(x, y, points, rows)
    expected = papers.minmax(y, points) if method == "minmax" else papers.m4(x, y, points)
    return None if rows == expected else f"rows {rows[:8]}, not {expected[:8]}"


def means(x, y, points, served):
    if len(x) <= points:
        return None if [r["x"] for r in served] == list(x) else "not all rows"
    expected = []
    for i in range(points):
        part = slice(papers.part(i, len(x), points), papers.part(i + 1, len(x), points))
        values = y[part][np.isfinite(y[part])]
        expected.append((np.mean(x[part] / 4) * 4, np.mean(values / 4) * 4 if len(values) else np.nan))
        if 0 < len(values) < len(y[part]):
            expected.append((x[part][np.flatnonzero(~np.isfinite(y[part]))[0]], np.nan))
    unit = max(1e-320, max(abs(mean) for mean, _ in expected))
    expected.sort(key=lambda pair: pair[0])
    if len(served) != len(expected):
        return f"{len(served)} rows, not {len(expected)}"
    ours = [(r["x"] / unit, r["y"]) for r in served]
    if not close([a for a, _ in ours], [a / unit for a, _ in expected], 1e-9):
        return "other x"
    size = max([1e-320] + [abs(b) for _, b in expected if b == b])
    got = sorted((a, math.nan if b is None else b / size) for a, b in ours)
    want = sorted((a / unit, b / size) for a, b in expected)
    same = np.allclose([b for _, b in got], [b for _, b in want], rtol=1e-9, atol=1e-9, equal_nan=True)
    return None if same or len(set(a for a, _ in want)) < len(want) else "other means"


def check_downsampling(data, source, label, served):
    method, points = label.split("-")
    return downsampled(data.frame(source), method, int(points), served)


def check_several(data, card, label, served):
    """Each series on its own is what it is alone; together they keep what every one of them must show."""
    method, kind = label.split("-")
    if kind == "each":
        for name in "abc":
            alone = [[r["t"], r[name]] for r in data.body(f"several-{method}-{name}")]
            own = [[r["t"], r["value"]] for r in served if r["series"] == name]
            if own != alone:
                return f"series {name} is not what it is alone"
        return None
    if kind != "shared":
        return None
    return means_together(data.frame("several"), served) if method == "mean" else rows_together(data.frame("several"), method, served)


SEVERAL = 40  # the points of their cards


def means_together(frame, served):
    """A row for each part, and one at the first gap of a part in which only some rows lack a value."""
    expected = []
    for i in range(SEVERAL):
        rows = frame.iloc[papers.part(i, len(frame), SEVERAL):papers.part(i + 1, len(frame), SEVERAL)]
        mean = rows.mean()
        expected.append(list(mean[["t", "a", "b", "c"]]))
        missing = rows["c"].isna()
        if missing.any() and not missing.all():
            expected.append([rows["t"][missing.idxmax()], mean["a"], mean["b"], math.nan])
    expected.sort(key=lambda row: row[0])
    ours = [[math.nan if r[name] is None else r[name] for name in "tabc"] for r in served]
    return None if close(ours, expected, 1e-9) else f"other means: {ours[:3]}, not {expected[:3]}"


def rows_together(frame, method, served):
    x, series = frame["t"].to_numpy(), [frame[name].to_numpy(dtype=float) for name in "abc"]
    found = [r["t"] for r in served]
    for row, record in zip(found, served):
        if set(record) != set("tabc") or not close([math.nan if record[n] is None else record[n] for n in "abc"],
                                                     [y[row] for y in series], 0):
            return f"row {row} is not as it was: {record}"
    if method == "nth":
        return None if found == papers.nth(len(x), SEVERAL) else "not every n-th row"
    gaps = papers.gaps(series[2])
    if method in ("lttb", "minmaxlttb"):
        among = papers.preselected_of_several(series, SEVERAL) if method == "minmaxlttb" else range(len(x))
        expected = sorted({*papers.lttb_of_several(x, series, SEVERAL, among), *gaps})
        return None if found == expected else f"rows {found[:8]}, not {expected[:8]}"
    if len(found) > SEVERAL + len(gaps) or not set(gaps) <= set(found):
        return f"{len(found)} rows, or a gap of c is gone"
    for name, y in zip("abc", series):
        if not {int(np.nanargmin(y)), int(np.nanargmax(y))} <= set(found):
            return f"an extreme of {name} is gone"
    return None


def numbers(data, source):
    """Its columns of numbers; what is not finite counts as missing, and sizes are such that products are numbers."""
    frame = data.frame(source)
    values = frame[[c for c in frame if c.startswith("v")]].astype(float)
    return values.where(np.isfinite(values))


def tolerance_of(data, source):
    return 3e-6 if "FLOAT" in data.sources[source]["columns"].values() else 1e-8


def without_size(values):
    size = values.abs().max()
    return values / size.where(size > 0, 1)


def check_correlation(data, source, label, served):
    method, nan = label.split("-")
    values = without_size(numbers(data, source))
    if nan == "complete":
        values = values.dropna()
    expected = values.corr(method=method, min_periods=2).to_numpy(copy=True)
    # pandas leaves noise where a column is constant.
    for i, a in enumerate(values):
        for j, b in enumerate(values):
            both = values[[a, b]].dropna() if a != b else values[[a]].dropna()
            if any(both[column].nunique() <= 1 for column in both):
                expected[i, j] = np.nan
    if [row["column"] for row in served] != list(values):
        return "other columns"
    ours = [[math.nan if r is None else r for r in row["values"]] for row in served]
    return None if close(ours, expected, tolerance_of(data, source)) else f"{ours} is not {expected.tolist()}"


def check_pca(data, source, label, served):
    values = numbers(data, source).dropna()
    labels = data.frame(source)["label"][values.index]
    result = served[0]
    one_size = values / values.abs().max().max()
    matrix = StandardScaler().fit_transform(without_size(values)) if label.endswith("scaled") else one_size.to_numpy()
    fit = PCA(n_components=2, svd_solver="full").fit(matrix)
    tolerance = 1e-4 if "FLOAT" in data.sources[source]["columns"].values() else 1e-7
    if result["rows"] != len(values):
        return f"{result['rows']} rows, not {len(values)}"
    if not close(result["explained_variance_ratio"], fit.explained_variance_ratio_, tolerance):
        return f"ratios {result['explained_variance_ratio']}, not {fit.explained_variance_ratio_}"
    if label.endswith("scaled") and not close(result["explained_variance"], fit.explained_variance_, 10 * tolerance):
        return f"variances {result['explained_variance']}, not {fit.explained_variance_}"
    loadings = np.array([[row["pc1"], row["pc2"]] for row in result["loadings"]])
    gap = np.diff(-np.append(fit.explained_variance_ratio_, 1 - fit.explained_variance_ratio_.sum()))
    if np.all(gap > 1e-3):
        angle = scipy.linalg.subspace_angles(loadings, fit.components_.T).max()
        if angle > 30 * tolerance:
            return f"the components span another plane, {angle} away"
    for column in loadings.T:
        if column[np.abs(column).argmax()] < 0 or abs(np.linalg.norm(column) - 1) > 1e-9:
            return f"a component that is not of length 1, or not of the fixed sign: {column}"
    return scores_complaint(result, values, labels, loadings, label.endswith("scaled"))


def scores_complaint(result, values, labels, loadings, scaled):
    if [r["label"] for r in result["scores"]] != list(labels):
        return "labels are not those of the rows"
    size = values.abs().max().max()
    centred = (values / size - (values / size).mean()).to_numpy()
    if scaled:
        centred = StandardScaler().fit_transform(without_size(values))
        size = 1
    expected = centred @ loadings
    ours = np.array([[r["pc1"], r["pc2"]] for r in result["scores"]]) / size
    most = np.abs(expected).max()
    return None if close(ours / most, expected / most, 1e-4) else "other scores"


def check_classes(data, source, label, served):
    frame = data.frame(source)
    values = numbers(data, source)
    expected = values.groupby(frame["label"], sort=True).mean()
    sizes = frame.groupby("label").size()
    if [row["label"] for row in served] != list(expected.index):
        return f"classes {[row['label'] for row in served]}"
    for row in served:
        name = row["label"]
        size = values.abs().max().replace(0, 1).fillna(1)
        if row["count"] != sizes[name] or not close(np.array(row["mean"], dtype=float) / size, expected.loc[name] / size, 1e-6):
            return f"class {name}: {row['count']} rows, mean {row['mean']}, not {expected.loc[name].tolist()}"
        members = [tuple(None if not math.isfinite(v) else v for v in r)
                   for r in frame.loc[frame["label"] == name, list(values)].astype(float).to_numpy().tolist()]
        of_class = {tuple(None if v is None else np.float32(v) if "FLOAT" in data.sources[source]["columns"].values() else v
                          for v in r) for r in members}
        samples = [tuple(None if v is None else np.float32(v) if "FLOAT" in data.sources[source]["columns"].values() else v
                         for v in r) for r in row["samples"]]
        if len(samples) != min(5, sizes[name]) or not set(samples) <= of_class:
            return f"class {name}: {len(samples)} samples, or of no such rows"
    again = data.body(f"{source}-classes-again")
    if label == "classes-1" and again != served:
        return "the same seed draws other rows"
    if label == "classes-2" and len(frame) > 300 and served == again:
        return "another seed draws the same rows"
    return None


def figures_of(column):
    there = column.dropna()
    plain = column.iloc[0] if len(column) else np.nan, column.iloc[-1] if len(column) else np.nan
    size = there.abs().max() if len(there) and 0 < there.abs().max() < np.inf else 1
    spread = (there / size).std() * size
    return {"min": there.min(), "max": there.max(), "mean": (there / size).mean() * size, "first": plain[0], "final": plain[1],
            "sum": (there / size).sum() * size, "count": len(there), "stddev": spread, "median": (there / size).median() * size,
            "p10": (there / size).quantile(.1) * size, "p95": (there / size).quantile(.95) * size}


def figures_complaint(served, frame, columns, name):
    for column in columns:
        values = frame[column].astype(float)
        expected = figures_of(values)
        if list(served[column]) != FIGURES:
            return f"{name}{column}: {list(served[column])}"
        if not np.isfinite(values.dropna()).all():
            continue  # what an infinity makes of a mean is the business of floating point
        size = values.abs().max() if len(values.dropna()) and values.abs().max() > 0 else 1
        for key, value in served[column].items():
            unit = 1 if key == "count" else size
            if key == "stddev" and not 1e-150 < size < 1e150:
                continue  # its square is no number
            if not close([(math.nan if value is None else value) / unit], [expected[key] / unit], 1e-6):
                return f"{name}{column}: {key} is {value}, not {expected[key]}"
    return None


def check_aggregate(data, source, label, served):
    frame = data.frame(source)
    columns = [c for c in frame if c.startswith("v")]
    if label == "aggregate":
        return figures_complaint(served[0], frame, columns, "") if len(served) == 1 else f"{len(served)} rows"
    if [row["label"] for row in served] != list(dict.fromkeys(frame["label"])):
        return "other groups"
    for row in served:
        members = frame[frame["label"].isna() if row["label"] is None else frame["label"] == row["label"]]
        complaint = figures_complaint(row, members, columns, f"{row['label']}: ")
        if complaint:
            return complaint
    return None


def check_parts(data, source, label, served):
    alone = {"classes": data.body(f"{source}-classes-1"), "correlation": data.body(f"{source}-pearson-pairwise"),
             "figures": data.body(f"{source}-aggregate")[0]}
    for name, expected in alone.items():
        if served[0][name] != expected:
            return f"{name} is not what it is alone"
    rows = len(data.frame(source))
    expected = papers.nth(rows, 10) if rows > 10 else list(range(rows))
    return None if len(served[0]["nth"]) == len(expected) else f"nth: {len(served[0]['nth'])} rows"


CHECKS = {"pearson": check_correlation, "spearman": check_correlation, "pca": check_pca, "classes": check_classes,
          "aggregate": check_aggregate, "groups": check_aggregate, "parts": check_parts}


def complaint_of(data, card):
    source, label = card.split("-", 1)
    body = data.directory / f"{card}.json"
    if not body.exists():
        return "was not served"
    served = data.body(card)
    if source == "several":
        return check_several(data, card, label, served)
    if source.startswith("d_"):
        return check_downsampling(data, source, label, served)
    return CHECKS[label.split("-")[0]](data, source, label, served)


def may_fail(data, card):
    """Principal components of fewer than two whole rows are an error."""
    source, label = card.split("-", 1)
    return label.startswith("pca") and len(numbers(data, source).dropna()) < 2


def main(directory, configuration):
    data = Data(pathlib.Path(directory), json.loads(pathlib.Path(configuration).read_text(encoding="utf-8")))
    found = []
    cards = [card for card in json.loads(pathlib.Path(configuration).read_text(encoding="utf-8"))["cards"]
             if not may_fail(data, card)]
    for card in cards:
        complaint = complaint_of(data, card)
        if complaint:
            found.append(f"{card}: {complaint}")
    print(f"{len(cards)} cards", *found[:20], *([f"and {len(found) - 20} more"] if len(found) > 20 else []), sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
