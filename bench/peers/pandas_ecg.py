"""The ECG page's data as its guide computes them: pandas and scikit-learn. usage: pandas_ecg.py FILE OUTPUT"""

import json
import sys

import pandas as pd
from sklearn.decomposition import PCA


def main(source: str, output: str) -> None:
    frame = pd.read_csv(source)
    label = frame.columns[-1]
    signals = frame.drop(columns=[label])
    samples = {str(name): group.drop(columns=[label]).sample(min(50, len(group)), random_state=42).values.tolist()
               for name, group in frame.groupby(label)}
    means = frame.groupby(label).mean()
    correlation = signals.corr()
    embeddings = {}
    chosen = frame.groupby(label).sample(50, random_state=42)
    for k in range(2, 11):
        fit = PCA(n_components=k).fit(signals)
        embeddings[k] = {"variance": fit.explained_variance_ratio_.tolist(),
                         "scores": fit.transform(chosen.drop(columns=[label])).tolist()}
    with open(output, "w", encoding="utf-8") as out:
        json.dump({"samples": samples, "means": means.values.tolist(), "correlation": correlation.values.tolist(),
                   "pca": embeddings}, out)


if __name__ == "__main__":
    main(*sys.argv[1:])
