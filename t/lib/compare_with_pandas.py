#!/usr/bin/python3
"""Holds served JSON against what pandas gives on the same files, key by key and value by value.

usage: compare_with_pandas.py DATA_DIRECTORY CARD BODY_FILE

Numbers must be equal exactly and of the same kind (integer or not), but for means: sums of floating
point numbers depend on the order of addition, so these may differ in the last places (1e-12).
"""
import json
import math
import sys

import pandas as pd


def statistics(directory):
    return pd.read_csv(f"{directory}/multi_civilization_statistics.csv")


def records(name):
    return lambda directory: pd.read_csv(
        f"{directory}/multi_civilization_{name}.csv").to_dict("records")


def downsampled(directory, points=500):
    frame = statistics(directory)
    return frame.iloc[::max(1, math.ceil(len(frame) / points))].to_dict("records")


def aggregations(directory):
    frame = statistics(directory)

    def summary(name):
        return {"max": frame[f"{name}_max"].max(), "min": frame[f"{name}_min"].min(),
                "avg": frame[f"{name}_mean"].mean(), "final": frame.iloc[-1][f"{name}_mean"]}

    return {"knowledge": summary("knowledge"), "suppression": summary("suppression"),
            "stability": {"total_issues": frame["Stability_Issues"].sum(),
                          "max_issues": frame["Stability_Issues"].max()}}


CARDS = {"statistics": records("statistics"), "events": records("events"),
         "stability": records("stability"), "downsampled": downsampled,
         "aggregations": aggregations}


def plain(value):
    """numpy scalars as Python's own."""
    return value.item() if hasattr(value, "item") else value


def differences(served, expected, place="$"):
    expected = plain(expected)
    if isinstance(expected, dict):
        if not isinstance(served, dict) or list(served) != list(expected):
            yield f"{place}: keys {list(served)}, pandas has {list(expected)}"
            return
        for key in expected:
            yield from differences(served[key], expected[key], f"{place}.{key}")
    elif isinstance(expected, list):
        if not isinstance(served, list) or len(served) != len(expected):
            yield f"{place}: {len(served)} elements, pandas has {len(expected)}"
            return
        for i, (ours, theirs) in enumerate(zip(served, expected)):
            yield from differences(ours, theirs, f"{place}[{i}]")
    elif isinstance(expected, float) and math.isnan(expected):
        if served is not None:
            yield f"{place}: {served!r}, pandas has NaN"
    elif place.endswith(".avg"):
        if not math.isclose(served, expected, rel_tol=1e-12):
            yield f"{place}: {served!r}, pandas has {expected!r}"
    elif type(served) is not type(expected) or served != expected:
        yield f"{place}: {served!r}, pandas has {expected!r}"


def main(directory, card, body_file):
    with open(body_file, encoding="utf-8") as body:
        served = json.load(body)
    found = list(differences(served, CARDS[card](directory)))
    print("\n".join(found[:10]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
