"""What 200 MiB of snapshots take in the sidecar and four workers: they exist once."""

import argparse
import os
import pathlib

from harness import data, gatehouse, paths, processes, report, tools
from harness.report import Table, Target

WORKERS = 4
CARD_BYTES = 2 << 20
MiB = 1 << 20


def fields_in_bytes(file: str) -> dict[str, int]:
    """A /proc file of `Name: 123 kB` lines."""
    lines = (line.split() for line in pathlib.Path(file).read_text().splitlines())
    return {words[0].rstrip(":"): int(words[1]) * 1024 for words in lines if words[-1] == "kB"}


def snapshots_of(pid: int) -> dict[int, int]:
    """The sealed memory a process holds: inode → allocated bytes."""
    held = {}
    for descriptor in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        if os.readlink(descriptor).startswith("/memfd:gatehouse-card"):
            status = os.stat(descriptor)
            held[status.st_ino] = status.st_blocks * 512
    return held


def of_process(pid: int) -> dict[str, int]:
    return fields_in_bytes(f"/proc/{pid}/smaps_rollup")


def serve_all(board: gatehouse.Gatehouse, rounds: int) -> int:
    """Asks for every card often enough for every worker to have sent it; returns the bytes of all bodies."""
    total = 0
    for _ in range(rounds):
        total = sum(len(processes.get(board.port, path)[2]) for path in board.card_paths)
    return total


def start(directory: pathlib.Path, cards: int) -> gatehouse.Gatehouse:
    directory.mkdir(parents=True, exist_ok=True)
    csv = data.write_series(directory / "series.csv", data.rows_for(CARD_BYTES))
    definition = {"sql": "select * from series", "max_age": "1h", "formats": ["json"], "compress": False}
    return gatehouse.Gatehouse(
        directory / "ours", {"series": {"kind": "csv", "path": str(csv)}},
        {f"card_{number}": {"path": f"/api/{number}", **definition} for number in range(cards)}, WORKERS)


def measure(directory: pathlib.Path, cards: int) -> dict:
    board = start(directory, cards)
    bodies = serve_all(board, rounds=2 * WORKERS)
    workers = [of_process(pid) for pid in board.nginx.workers()]
    held = [snapshots_of(pid) for pid in [board.sidecar.pid, *board.nginx.workers()]]
    found = {
        "bodies": bodies,
        "held_by_each": [sum(snapshots.values()) for snapshots in held],
        # A snapshot that several processes hold has one inode: the union counts it once.
        "held_by_all": sum(dict(item for snapshots in held for item in snapshots.items()).values()),
        "workers_pss": sum(worker["Pss"] for worker in workers),
        "workers_rss": sum(worker["Rss"] for worker in workers),
        "workers_anonymous": sum(worker["Anonymous"] for worker in workers),
        "sidecar_pss": of_process(board.sidecar.pid)["Pss"],
    }
    board.stop()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench/run.sh memory", description=__doc__)
    parser.add_argument("--cards", type=int, default=100, help="of 2 MiB each (default 100)")
    options = parser.parse_args()
    tools.require("nginx")

    directory = paths.fresh_directory("memory")
    few, many = measure(directory / "few", 1), measure(directory / "many", options.cards)
    result = report.Report("memory", "bench/run.sh memory")
    def row(title: str, figures: list[int]) -> list[str]:
        return [title, *(f"{figure / MiB:.1f}" for figure in (*figures, figures[1] - figures[0]))]

    rows = [row(title, [found[key] for found in (few, many)]) for title, key in (
        ("bodies of all cards", "bodies"),
        (f"sealed memory of the sidecar and {WORKERS} workers, each piece once", "held_by_all"),
        (f"{WORKERS} workers, PSS", "workers_pss"),
        (f"{WORKERS} workers, memory of their own (anonymous)", "workers_anonymous"),
        (f"{WORKERS} workers, RSS", "workers_rss"),
        ("sidecar, PSS", "sidecar_pss"))]
    rows.insert(1, row("sealed memory that each worker holds",
                       [found["held_by_each"][-1] for found in (few, many)]))
    result.tables.append(Table(f"Memory with {WORKERS} workers, MiB, after every worker has served every card",
                               ["", "1 card", f"{options.cards} cards", "difference"], rows))
    grown = {key: many[key] - few[key] for key in ("bodies", "held_by_all", "workers_anonymous")}
    result.targets.append(Target(
        "Sealed memory and the workers' own, of the bodies' size",
        (grown["held_by_all"] + grown["workers_anonymous"]) / grown["bodies"], at_most=1.2))
    result.data = {"few": few, "many": many}
    result.save()


if __name__ == "__main__":
    main()
