"""How long from the bytes of a 1 MiB card being ready until every one of four workers serves them."""

import argparse
import json
import subprocess

from harness import nginx, paths, processes, report, tools
from harness.report import Table, Target

WORKERS = 4
BODY_BYTES = 1 << 20

SERVER = """
    gate_link {link};
    gate_board_file off;
    server {{
        listen 127.0.0.1:{port};
        location / {{ gate_board on; }}
    }}
"""


def build_publisher(directory) -> str:
    """Needs the sources and the library scripts/build.sh has made of them."""
    program = directory / "publish_latency"
    subprocess.run(["g++", "-std=c++20", "-O2", "-Wall", "-Wextra", "-I", paths.ROOT,
                    paths.ROOT / "bench" / "publish_latency.cpp", paths.CORE_LIBRARY,
                    "-ljansson", "-lxxhash", "-o", program], check=True)
    return program


def measure(directory, publishes: int, pause_ms: int) -> list[dict]:
    link = directory / "link.sock"
    publisher = processes.Process(
        [build_publisher(directory), link, WORKERS, BODY_BYTES, publishes, pause_ms],
        directory / "publishes.json")
    processes.wait_for(lambda: publisher.check() or link.exists(), "the link's socket")
    port = processes.free_port()
    server = nginx.Nginx(directory / "nginx", SERVER.format(link=link, port=port), WORKERS, paths.MODULE)
    processes.wait_for(lambda: publisher.popen.poll() is not None, f"{publishes} publishes", seconds=120)
    server.stop()
    lines = publisher.log.read_text().splitlines()
    if publisher.popen.returncode != 0:
        raise SystemExit("bench: " + "\n".join(lines[-3:]))
    return [json.loads(line) for line in lines][1:]  # the first one also waited for the workers


def quantile(values: list[float], q: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * q))]


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench/run.sh publish", description=__doc__)
    parser.add_argument("--publishes", type=int, default=500)
    parser.add_argument("--pause", type=int, default=10, help="ms between two (default 10)")
    options = parser.parse_args()
    tools.require("nginx", "g++")
    paths.require_built(paths.MODULE, paths.CORE_LIBRARY)

    found = measure(paths.fresh_directory("publish"), options.publishes, options.pause)
    result = report.Report("publish", "bench/run.sh publish")
    steps = {"laid out and sealed": [publish["build"] for publish in found],
             "visible in every worker": [publish["visible"] for publish in found]}
    rows = [[step, *(f"{quantile(values, q) / 1000:.2f}" for q in (0.5, 0.9, 0.99, 1))]
            for step, values in steps.items()]
    result.tables.append(Table(f"Publishing a card of 1 MiB to {WORKERS} workers, {len(found)} times, ms",
                               ["from the bytes being ready until", "p50", "p90", "p99", "max"], rows))
    result.targets.append(Target("A card of 1 MiB visible in every worker, p99",
                                 quantile(steps["visible in every worker"], 0.99) / 1000, at_most=5, unit="ms"))
    result.data = {"publishes": found}
    result.save()


if __name__ == "__main__":
    main()
