#!/usr/bin/python3
"""Holds the cards of conf/examples/analytics against pandas, numpy and scikit-learn on the same files.

usage: compare_with_analytics.py DATASETS CARD BODY_FILE

Sums of floating point numbers depend on the order of addition: they may differ in the last places (1e-9).
Principal components are told by the variance they explain and by their directions, whatever the sign.
"""
import glob
import json
import math
import re
import sys

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA


class Datasets:
    def __init__(self, directory):
        self.directory = directory

    def equipment(self):
        return pd.read_csv(f"{self.directory}/equipment.csv")

    def bases(self):
        return pd.read_csv(f"{self.directory}/bases.csv")

    def healthcare(self):
        frames = [pd.read_csv(path, parse_dates=["admitted", "discharged"]).assign(
            year=int(re.search(r"year=(\d+)", path).group(1)))
            for path in sorted(glob.glob(f"{self.directory}/healthcare/year=*/*.csv"))]
        frame = pd.concat(frames, ignore_index=True)
        return frame.assign(days=(frame["discharged"] - frame["admitted"]).dt.days)

    def ecg(self):
        return pd.read_csv(f"{self.directory}/ecg.csv")


def records(frame):
    return json.loads(frame.to_json(orient="records", double_precision=15))


def equipment_summary(data):
    frame = data.equipment()
    return {"machines": len(frame), "running": int((frame["status"] == "running").sum()),
            "failed": int((frame["status"] == "failed").sum()), "hours": round(frame["hours"].mean(), 1),
            "cost": round(frame["cost"].sum(), 2)}


def equipment_by_type(data):
    groups = data.equipment().groupby("type")
    return records(pd.DataFrame({
        "machines": groups.size(), "temperature": groups["temperature"].mean(), "vibration": groups["vibration"].mean(),
        "vibration_p95": groups["vibration"].quantile(0.95),
        "failure_rate": groups["status"].apply(lambda status: (status == "failed").mean())}).reset_index())


def equipment_correlation(data):
    matrix = data.equipment()[["hours", "temperature", "vibration", "cost"]].corr()
    return [{"column": name, **matrix.loc[name].to_dict()} for name in matrix]


def bases_summary(data):
    frame = data.bases()
    return {"bases": len(frame), "active": int((frame["state"] == "active").sum()),
            "personnel": int(frame["personnel"].sum()), "area_km2": round(frame["area_km2"].sum(), 2)}


def bases_by_region(data):
    frame = data.bases()
    groups = frame[frame["state"] == "active"].groupby(["region", "branch"])
    return records(pd.DataFrame({"bases": groups.size(), "personnel": groups["personnel"].sum()}).reset_index())


def bases_map(data):
    frame = data.bases()
    frame = frame[frame["state"] == "active"].sort_values("id")
    return {name: frame[name].tolist() for name in ["id", "name", "branch", "latitude", "longitude", "personnel"]}


def healthcare_summary(data):
    frame = data.healthcare()
    return {"stays": len(frame), "age": round(frame["age"].mean(), 2), "days": frame["days"].mean(),
            "billing": frame["billing"].sum()}


def healthcare_by_condition(data):
    groups = data.healthcare().groupby("condition")
    return records(pd.DataFrame({
        "stays": groups.size(), "billing_mean": groups["billing"].mean(), "billing_median": groups["billing"].median(),
        "days": groups["days"].mean()}).reset_index())


def healthcare_by_year(data):
    groups = data.healthcare().groupby(["year", "admission"])
    return records(pd.DataFrame({"stays": groups.size(), "billing": groups["billing"].sum()}).reset_index())


def ecg_waveforms(data):
    frame = data.ecg()
    groups = frame.groupby("class")
    return [{"class": int(label), "count": len(group), "mean": group.drop(columns="class").mean().tolist()}
            for label, group in groups]


CARDS = {"equipment-summary": equipment_summary, "equipment-by-type": equipment_by_type,
         "equipment-correlation": equipment_correlation, "bases-summary": bases_summary, "bases-by-region": bases_by_region,
         "bases-map": bases_map, "healthcare-summary": healthcare_summary,
         "healthcare-by-condition": healthcare_by_condition, "healthcare-by-year": healthcare_by_year}


def differences(served, expected, place="$"):
    if isinstance(expected, dict):
        if not isinstance(served, dict) or sorted(served) != sorted(expected):
            yield f"{place}: {served!r}, not an object of {list(expected)}"
            return
        for key in expected:
            yield from differences(served[key], expected[key], f"{place}.{key}")
    elif isinstance(expected, list):
        if not isinstance(served, list) or len(served) != len(expected):
            yield f"{place}: not a list of {len(expected)}"
            return
        for i, (ours, theirs) in enumerate(zip(served, expected)):
            yield from differences(ours, theirs, f"{place}[{i}]")
    elif isinstance(expected, float):
        if not isinstance(served, (int, float)) or not math.isclose(served, expected, rel_tol=1e-9, abs_tol=1e-12):
            yield f"{place}: {served!r}, expected {expected!r}"
    elif served != expected:
        yield f"{place}: {served!r}, expected {expected!r}"


def admissions(served, data):
    """The points of the line are days as they are, the busiest and the quietest among them."""
    days = data.healthcare().groupby("admitted").size()
    line = served["stays"]
    if len(line) > 500 or len(line) < min(len(days), 490):
        yield f"{len(line)} points"
    values = {point["time"]: point["value"] for point in line}
    expected = {day.strftime("%Y-%m-%d"): int(count) for day, count in days.items()}
    for day, value in values.items():
        if expected.get(day) != value:
            yield f"{day}: {value}, expected {expected.get(day)}"
    if max(values.values()) != days.max() or min(values.values()) != days.min():
        yield "the extremes are lost"


def ecg(served, data):
    frame = data.ecg()
    signals, labels = frame.drop(columns="class").to_numpy(), frame["class"].to_numpy()
    yield from differences([{"class": row["class"], "count": row["count"], "mean": row["mean"]}
                            for row in served["samples"]], ecg_waveforms(data), "samples")
    for row in served["samples"]:
        rows = {tuple(signal) for signal in signals[labels == row["class"]].round(6)}
        chosen = {tuple(sample) for sample in np.round(row["samples"], 6)}
        if len(chosen) != min(50, len(rows)) or not chosen <= rows:
            yield f"class {row['class']}: {len(chosen)} samples, {len(chosen - rows)} of them no rows of the class"
    matrix = np.array([row["values"] for row in served["correlation"]], dtype=float)
    if not np.allclose(matrix, np.corrcoef(signals, rowvar=False), atol=1e-9, equal_nan=True):
        yield "the correlation matrix differs"
    fit = PCA(n_components=10, svd_solver="full").fit(signals)
    embedding = served["embedding"]
    if not np.allclose(embedding["explained_variance_ratio"], fit.explained_variance_ratio_, rtol=1e-8):
        yield "the explained variance differs"
    directions = np.array([[row[f"pc{i + 1}"] for row in embedding["loadings"]] for i in range(10)])
    if not np.allclose(np.abs(np.sum(directions * fit.components_, axis=1)), 1, atol=1e-6):
        yield "the components point elsewhere"
    means = np.array([row["mean"] for row in embedding["loadings"]])
    for row in served["samples"]:
        ours = np.array([[score[f"pc{i + 1}"] for i in range(10)] for score in embedding["scores"]
                         if score["class"] == row["class"]])
        if not np.allclose(ours, (np.array(row["samples"]) - means) @ directions.T, atol=1e-6):
            yield f"class {row['class']}: scores are not those of the samples"


def main(directory, card, body_file):
    with open(body_file, encoding="utf-8") as body:
        served = json.load(body)
    data = Datasets(directory)
    special = {"ecg": ecg, "healthcare-admissions": admissions}
    found = list(special[card](served, data) if card in special else differences(served, CARDS[card](data)))
    print("\n".join(found[:10]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
