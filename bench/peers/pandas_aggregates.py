"""The dashboard's aggregates as its guide computes them: the whole CSV in a DataFrame, then a few columns of it.

Usage: pandas_aggregates.py FILE: prints the card's JSON.
"""

import json
import sys

import pandas as pd


def aggregates(file: str) -> dict:
    df = pd.read_csv(file)
    return {
        "knowledge": {
            "max": df["knowledge_max"].max(),
            "min": df["knowledge_min"].min(),
            "avg": df["knowledge_mean"].mean(),
            "final": df.iloc[-1]["knowledge_mean"],
        },
        "suppression": {
            "max": df["suppression_max"].max(),
            "min": df["suppression_min"].min(),
            "avg": df["suppression_mean"].mean(),
            "final": df.iloc[-1]["suppression_mean"],
        },
        "stability": {
            "total_issues": int(df["Stability_Issues"].sum()),
            "max_issues": int(df["Stability_Issues"].max()),
        },
    }


if __name__ == "__main__":
    print(json.dumps(aggregates(sys.argv[1])))
