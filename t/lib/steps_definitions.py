"""Downsampling as its papers define it, coded from them alone, slow and plain.

LTTB: S. Steinarsson, Downsampling Time Series for Visual Representation, University of Iceland, 2013.
MinMaxLTTB: J. Van Der Donckt et al., MinMaxLTTB, IEEE VIS 2023. M4: U. Jugel et al., M4, VLDB 2014.
"""
import math

import numpy as np

TOLERANCE = 1e-9


def part(i, rows, parts):
    """Where part i of equal parts begins."""
    return i * rows // parts


def scaled(values):
    """In parts of the greatest amount, so that no area is too large for a number."""
    values = np.asarray(values, dtype=np.longdouble)
    most = np.max(np.abs(values), initial=0)
    return values / most if most > 0 else values


def areas(x, y, a, candidates, cx, cy):
    """The triangles of a, each candidate and c."""
    return np.abs((x[a] - cx) * (y[candidates] - y[a]) - (x[a] - x[candidates]) * (cy - y[a])) / 2


def lttb_complaint(x, y, points, chosen):
    """Follows a choice bucket by bucket: why it is not the largest triangle's, or nothing."""
    x, y = scaled(x), scaled(y)
    n = len(x)
    if len(chosen) != points or chosen[0] != 0 or chosen[-1] != n - 1:
        return f"{len(chosen)} rows from {chosen[:1]} to {chosen[-1:]} of {n}, not {points}"
    begin = [1 + part(i, n - 2, points - 2) for i in range(points - 1)] + [n]
    for i, row in enumerate(chosen[1:-1]):
        if not begin[i] <= row < begin[i + 1]:
            return f"row {row} is not of bucket {i}: {begin[i]} to {begin[i + 1]}"
        following = slice(begin[i + 1], begin[i + 2])
        candidates = np.arange(begin[i], begin[i + 1])
        all_areas = areas(x, y, chosen[i], candidates, x[following].mean(), y[following].mean())
        if all_areas[row - begin[i]] < all_areas.max() * (1 - TOLERANCE) - 1e-17:
            return f"bucket {i}: row {row} is not the largest triangle's, {candidates[all_areas.argmax()]} is"
    return None


def minmax(y, points):
    parts = points // 2
    rows = set()
    for i in range(parts):
        begin, end = part(i, len(y), parts), part(i + 1, len(y), parts)
        rows |= {begin + int(np.argmin(y[begin:end])), begin + int(np.argmax(y[begin:end]))}
    return sorted(rows)


def preselected(y, points):
    """The extremes of 2 * points bins of all but the first and the last point, and those two."""
    parts, inner = 2 * points, y[1:-1]
    rows = {0, len(y) - 1}
    for i in range(parts):
        begin, end = part(i, len(inner), parts), part(i + 1, len(inner), parts)
        rows |= {1 + begin + int(np.argmin(inner[begin:end])), 1 + begin + int(np.argmax(inner[begin:end]))}
    return sorted(rows)


def minmaxlttb_complaint(x, y, points, chosen):
    if len(y) <= 4 * points + 2:
        return lttb_complaint(x, y, points, chosen)
    among = preselected(np.asarray(y), points)
    if not set(chosen) <= set(among):
        return f"rows {sorted(set(chosen) - set(among))[:3]} are no extremes"
    places = [among.index(row) for row in chosen]
    return lttb_complaint(np.asarray(x)[among], np.asarray(y)[among], points, places)


def in_range(values):
    """In parts of their range, from 0 to 1; NaN stays."""
    values = np.asarray(values, dtype=np.longdouble)
    least, greatest = np.nanmin(values), np.nanmax(values)
    return (values - least) / (greatest - least) if greatest > least else values * 0


def lttb_of_several(x, series, points, among):
    """As LTTB, of the rows `among`; a row's area is the sum over all series, one without a value there adds nothing."""
    among = np.asarray(among)
    x, series = in_range(x)[among], [in_range(y)[among] for y in series]
    n = len(among)
    begin = [1 + part(i, n - 2, points - 2) for i in range(points - 1)] + [n]
    rows = [0]
    for i in range(points - 2):
        candidates = np.arange(begin[i], begin[i + 1])
        following = slice(begin[i + 1], begin[i + 2])
        together = np.zeros(len(candidates), dtype=np.longdouble)
        for y in series:
            after = y[following][~np.isnan(y[following])]
            if len(after) > 0:
                area = areas(x, y, rows[-1], candidates, x[following].mean(), after.mean())
                together += np.where(np.isnan(area), 0, area)
        rows.append(int(candidates[together.argmax()]))
    return [int(row) for row in among[rows + [n - 1]]]


def preselected_of_several(series, points):
    """As preselected, for each series among its values."""
    parts, inner = 2 * points, len(series[0]) - 2
    rows = {0, inner + 1}
    for i in range(parts):
        begin, end = 1 + part(i, inner, parts), 1 + part(i + 1, inner, parts)
        for y in series:
            if not np.isnan(y[begin:end]).all():
                rows |= {begin + int(np.nanargmin(y[begin:end])), begin + int(np.nanargmax(y[begin:end]))}
    return sorted(rows)


def m4(x, y, points):
    """First, last, least and greatest of each of equal widths of x."""
    count = points // 4
    # Where the difference overflows, everything is taken in smaller units: a power of two.
    unit = 1.0 if math.isfinite(count * (x[-1] - x[0])) else 2.0 ** -60
    first, reach = x[0] * unit, x[-1] * unit - x[0] * unit
    widths = {}
    for row, value in enumerate(x):
        width = math.floor(count * (value * unit - first) / reach) if reach > 0 else 0
        widths.setdefault(min(width, count - 1), []).append(row)
    rows = set()
    for members in widths.values():
        values = [y[row] for row in members]
        rows |= {members[0], members[-1], members[values.index(min(values))], members[values.index(max(values))]}
    return sorted(rows)


def nth(rows, points):
    return list(range(0, rows, math.ceil(rows / points)))


def gaps(y):
    """The first row of each run without a value."""
    missing = ~np.isfinite(y)
    return [i for i in range(len(y)) if missing[i] and (i == 0 or not missing[i - 1])]


def thinned(rows, total, parts):
    """At most one of each of equal parts, if there are more."""
    if len(rows) <= parts:
        return rows
    kept = []
    for i in range(parts):
        kept += [row for row in rows if part(i, total, parts) <= row < part(i + 1, total, parts)][:1]
    return kept
