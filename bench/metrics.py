"""What counting costs a request, and what a scrape of gate_metrics takes with 200 endpoints."""

import argparse
import pathlib
import statistics
import time
import urllib.request

from harness import cost, load, nginx, paths, processes, report, tools
from harness.report import Table, Target

PLAIN = "server {{ listen 127.0.0.1:{port} backlog=1024; location / {{ return 200 hello; }} {more} }}"
METHODS = ("GET", "POST", "PUT")


def server(directory: pathlib.Path, more: str, module: pathlib.Path | None, kind=nginx.Nginx) -> tuple:
    port = processes.free_port()
    switches = "gate_link off; gate_board_file off;\n" if module else ""
    started = kind(directory, switches + PLAIN.format(port=port, more=more), module=module)
    processes.wait_for_answer(started.process, port, "/")
    return started, port


def per_request(directory: pathlib.Path, rounds: int) -> list[load.Side]:
    sides = []
    for name, module in (("nginx alone", None), ("nginx with the module", paths.MODULE)):
        here = directory / name.replace(" ", "-")
        running, port = server(here, "", module)
        side = load.Side(name, port, "/", running.workers())
        if cost.needs_callgrind():
            side.counted = load.Counted(*server(here / "counted", "", module, nginx.CountedNginx))
        sides.append(side)
    load.interleave("return 200", sides, rounds)
    return sides


def scrape(port: int) -> tuple[float, bytes]:
    """The seconds until the last byte, and the text."""
    begun = time.perf_counter()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        text = answer.read()
    return time.perf_counter() - begun, text


def scrapes(directory: pathlib.Path, endpoints: int, times: int) -> dict:
    more = "".join(f"location /endpoint/{n} {{ return 200; }}" for n in range(endpoints))
    running, port = server(directory, more + "location = /metrics { gate_metrics prometheus; }", paths.MODULE)
    for number in range(endpoints):
        for method in METHODS:
            request = urllib.request.Request(f"http://127.0.0.1:{port}/endpoint/{number}", method=method)
            urllib.request.urlopen(request).read()
    pids = running.workers()
    seconds, cpu = [], []
    for _ in range(times):
        before = cost.cpu_us(pids)
        took, text = scrape(port)
        seconds.append(took)
        cpu.append(cost.cpu_us(pids) - before)
    running.stop()
    return {"endpoints": endpoints, "bytes": len(text), "series": sum(line[:1] != b"#" for line in text.splitlines()),
            "cpu_us_median": statistics.median(cpu), "cpu_us_best": min(cpu),
            "wall_us_median": statistics.median(seconds) * 1e6}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench/run.sh metrics", description=__doc__)
    parser.add_argument("--endpoints", type=int, default=200)
    parser.add_argument("--scrapes", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    tools.require("nginx", "wrk", "taskset")
    paths.require_built(paths.MODULE)

    directory = paths.fresh_directory("metrics")
    result = report.Report("metrics", "bench/run.sh metrics")
    found = scrapes(directory / "scrape", options.endpoints, options.scrapes)
    result.tables.append(Table(
        f"A scrape with {options.endpoints} endpoints and {len(METHODS)} methods each",
        ["series", "kB", "CPU µs, median", "CPU µs, best", "until the last byte, µs"],
        [[str(found["series"]), f"{found['bytes'] / 1000:.0f}", f"{found['cpu_us_median']:.0f}",
          f"{found['cpu_us_best']:.0f}", f"{found['wall_us_median']:.0f}"]]))
    result.targets.append(Target("The worker's time for a scrape", found["cpu_us_median"], at_most=1000, unit="µs"))

    sides = per_request(directory / "request", options.rounds)
    rows = [[side.name, "–" if side.instructions is None else f"{side.instructions:.0f}",
             f"{statistics.median(s.cpu_us for s in side.samples):.2f}"] for side in sides]
    result.tables.append(Table("A request that is counted", ["", "user instr.", "CPU µs"], rows))
    added = None if sides[0].instructions is None else sides[1].instructions - sides[0].instructions
    result.notes.append(f"User instructions are counted by {cost.how_instructions_are_counted()}.")
    result.data = {"scrape": found, "added_instructions": added}
    result.save()


if __name__ == "__main__":
    main()
