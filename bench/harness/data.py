"""CSV files from a fixed seed, shaped like the series of a simulation's dashboard."""

import csv
import pathlib
import random


def write_series(file: pathlib.Path, rows: int, columns: int = 14, seed: int = 7) -> pathlib.Path:
    """`Time`, then columns-1 random walks with full-length decimals, which compress as real data do."""
    source = random.Random(seed)
    values = [source.uniform(0, 100) for _ in range(columns - 1)]
    with open(file, "w", newline="") as output:
        writer = csv.writer(output)
        writer.writerow(["Time"] + [f"series_{index:02d}_mean" for index in range(1, columns)])
        for time in range(rows):
            values = [value + source.gauss(0, 1) for value in values]
            writer.writerow([time] + [repr(value) for value in values])
    return file


def rows_for(json_bytes: int, columns: int = 14) -> int:
    """About how many rows give this many bytes of JSON records."""
    return max(1, round(json_bytes / (12 + (columns - 1) * 36)))
