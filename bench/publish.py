"""How long a 1 MiB card takes from its bytes being ready until every one of 1, 4 and 16 workers serves them; and from
its CSV being replaced until a client sees the new card.
"""

import argparse
import http.client
import json
import os
import pathlib
import shutil
import subprocess
import time

from harness import data, gatehouse, nginx, paths, processes, report, tools
from harness.report import Table, Target

WORKERS = (1, 4, 16)
USUAL_WORKERS = 4
BODY_BYTES = 1 << 20

SERVER = """
    gate_link {link};
    gate_board_file off;
    server {{
        listen 127.0.0.1:{port};
        location / {{ gate_board on; }}
    }}
"""


def build_publisher(directory: pathlib.Path) -> pathlib.Path:
    """Needs the sources and the library scripts/build.sh has made of them."""
    program = directory / "publish_latency"
    subprocess.run(["g++", "-std=c++20", "-O2", "-Wall", "-Wextra", "-I", paths.ROOT,
                    paths.ROOT / "bench" / "publish_latency.cpp", paths.CORE_LIBRARY,
                    "-ljansson", "-lxxhash", "-o", program], check=True)
    return program


def publishes_to_workers(program: pathlib.Path, directory: pathlib.Path, workers: int, publishes: int, pause_ms: int) -> list[dict]:
    directory.mkdir()
    link = directory / "link.sock"
    publisher = processes.Process(
        [program, link, workers, BODY_BYTES, publishes, pause_ms],
        directory / "publishes.json")
    processes.wait_for(lambda: publisher.check() or link.exists(), "the link's socket")
    port = processes.free_port()
    server = nginx.Nginx(directory / "nginx", SERVER.format(link=link, port=port), workers, paths.MODULE)
    processes.wait_for(lambda: publisher.popen.poll() is not None, f"{publishes} publishes", seconds=120)
    server.stop()
    lines = publisher.log.read_text().splitlines()
    if publisher.popen.returncode != 0:
        raise SystemExit("bench: " + "\n".join(lines[-3:]))
    return [json.loads(line) for line in lines][1:]  # the first one also waited for the workers


def changes_seen_by_a_client(directory: pathlib.Path, changes: int) -> list[float]:
    """Seconds from the rename of a new CSV into place until the ETag of the card is another one."""
    directory.mkdir()
    variants = [data.write_series(directory / f"variant_{seed}.csv", data.rows_for(BODY_BYTES), seed=seed)
                for seed in (1, 2)]
    csv = directory / "series.csv"
    shutil.copy(variants[0], csv)
    board = gatehouse.Gatehouse(
        directory / "ours", {"series": {"kind": "csv", "path": str(csv)}},
        {"series": {"path": "/series", "sql": "select * from series", "max_age": "1h"}}, USUAL_WORKERS)
    client = http.client.HTTPConnection("127.0.0.1", board.port, timeout=10)

    def etag() -> str:
        client.request("HEAD", "/series")
        response = client.getresponse()
        response.read()
        return response.getheader("ETag")

    seen = []
    for change in range(changes):
        before = etag()
        shutil.copy(variants[(change + 1) % 2], directory / "next.csv")
        start = time.monotonic()
        os.rename(directory / "next.csv", csv)
        processes.wait_for(lambda: etag() != before, "the new card", pause=0.001)
        seen.append(time.monotonic() - start)
    board.stop()
    return seen


def quantile(values: list[float], q: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * q))]


def quantiles(values: list[float], digits: int) -> list[str]:
    return [f"{quantile(values, q):.{digits}f}" for q in (0.5, 0.9, 0.99, 1)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench/run.sh publish", description=__doc__)
    parser.add_argument("--publishes", type=int, default=500)
    parser.add_argument("--changes", type=int, default=50, help="of the CSV (default 50)")
    parser.add_argument("--pause", type=int, default=10, help="ms between two (default 10)")
    options = parser.parse_args()
    tools.require("nginx", "g++")
    paths.require_built(paths.MODULE, paths.CORE_LIBRARY, paths.SIDECAR)

    directory = paths.fresh_directory("publish")
    program = build_publisher(directory)
    found = {workers: publishes_to_workers(program, directory / f"workers-{workers}", workers, options.publishes, options.pause)
             for workers in WORKERS}
    seen = changes_seen_by_a_client(directory / "client", options.changes)
    result = report.Report("publish", "bench/run.sh publish")
    steps = {"laid out and sealed": [publish["build"] for publish in found[USUAL_WORKERS]]}
    for workers, publishes in found.items():
        steps["visible in the one worker" if workers == 1 else f"visible in every one of {workers} workers"] = [
            publish["visible"] for publish in publishes]
    rows = [[step, *quantiles([us / 1000 for us in values], 2)] for step, values in steps.items()]
    result.tables.append(Table(f"Publishing a card of 1 MiB, {options.publishes} times, ms",
                               ["from the bytes being ready until", "p50", "p90", "p99", "max"], rows))
    result.tables.append(Table(
        f"A CSV of {BODY_BYTES >> 20} MiB as JSON replaced, {len(seen)} times, ms: noticed, read, computed, "
        "compressed in three encodings, published", ["from the rename until", "p50", "p90", "p99", "max"],
        [["a client sees the new card", *quantiles([value * 1000 for value in seen], 0)]]))
    result.targets.append(Target(f"A card of 1 MiB visible in every one of {USUAL_WORKERS} workers, p99",
                                 quantile([publish["visible"] for publish in found[USUAL_WORKERS]], 0.99) / 1000,
                                 at_most=5, unit="ms"))
    result.data = {"publishes": found, "changes_seen_s": seen}
    result.save()


if __name__ == "__main__":
    main()
