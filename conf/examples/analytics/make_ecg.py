#!/usr/bin/python3
"""Writes electrocardiogram-like rows as a CSV: 187 samples from 0 to 1 and a class, as the MIT-BIH arrhythmia data are
published on Kaggle (no header, most of the beats normal). 197,720 rows are 555 MB. The same seed gives the same bytes.

usage: make_ecg.py [--rows N] [--seed N] [--header] FILE
"""

import argparse

import numpy as np

SAMPLES = 187
CLASS_SHARES = [0.8277, 0.0254, 0.0661, 0.0073, 0.0735]  # N, S, V, F, Q
ROWS_AT_ONCE = 2000


def bump(t: np.ndarray, centre: np.ndarray, width: np.ndarray, height: np.ndarray) -> np.ndarray:
    return height[:, None] * np.exp(-0.5 * ((t[None, :] - centre[:, None]) / width[:, None]) ** 2)


def beats(rng: np.random.Generator, classes: np.ndarray) -> np.ndarray:
    """P, QRS and T waves whose places, widths and heights depend on the class, noise, and zeros after the beat's end."""
    t = np.linspace(0, 1.5, SAMPLES)
    count = len(classes)

    def of_class(values: list[float], spread: float) -> np.ndarray:
        return np.asarray(values)[classes] * (1 + spread * rng.standard_normal(count))

    wave = bump(t, of_class([.20, .12, .20, .18, .16], .05), of_class([.03, .02, .03, .03, .05], .1),
                of_class([.15, .10, .01, .08, .30], .2))
    wave += bump(t, of_class([.40, .34, .45, .42, .40], .03), of_class([.02, .02, .07, .05, .03], .1),
                 of_class([1.0, .95, .90, .95, .60], .08))
    wave -= bump(t, of_class([.46, .40, .60, .50, .47], .03), of_class([.02, .02, .06, .04, .03], .1),
                 of_class([.20, .22, .35, .25, .10], .2))
    wave += bump(t, of_class([.75, .65, .90, .80, .78], .04), of_class([.07, .06, .10, .08, .12], .1),
                 of_class([.30, .25, -.25, .20, .35], .15))
    wave += 0.01 * rng.standard_normal(wave.shape)
    wave -= wave.min(axis=1, keepdims=True)
    wave /= wave.max(axis=1, keepdims=True)
    ends = of_class([1.10, .90, 1.20, 1.10, 1.30], .1)
    wave[t[None, :] > ends[:, None]] = 0
    return wave


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=197_720)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--header", action="store_true", help="name the columns s0 to s186 and class")
    parser.add_argument("file")
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    line = "%.8e," * SAMPLES + "%d\n"
    with open(options.file, "w", encoding="ascii") as out:
        if options.header:
            out.write(",".join([f"s{i}" for i in range(SAMPLES)] + ["class"]) + "\n")
        for begin in range(0, options.rows, ROWS_AT_ONCE):
            count = min(ROWS_AT_ONCE, options.rows - begin)
            classes = rng.choice(len(CLASS_SHARES), size=count, p=np.asarray(CLASS_SHARES) / sum(CLASS_SHARES))
            rows = np.column_stack([beats(rng, classes), classes])
            out.write("".join(line % tuple(row) for row in rows.tolist()))


if __name__ == "__main__":
    main()
