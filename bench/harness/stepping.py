"""User instructions of requests in single steps of the worker that answers them (bench/step_counter.cpp).

Slow, but what the processor really executes: callgrind knows no SHA extensions and counts a hash in software.
"""

import functools
import pathlib
import subprocess

from . import load, one_by_one, paths, processes

# Timers of the worker fall into some of the runs, and only add: the least of several runs is the requests' own.
RUNS = 9
REQUESTS = 20
# A worker that has met more tokens than it remembers puts each new one in the place of another.
WARMING = 20_000


@functools.cache
def _counter() -> pathlib.Path:
    program = paths.OUTPUT / "step_counter"
    program.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["g++", "-std=c++20", "-O2", "-Wall", "-Wextra", paths.ROOT / "bench" / "step_counter.cpp",
                    "-lpthread", "-o", program], check=True)
    return program


def instructions(side: load.Side) -> float:
    """Of one request to a server with one worker, a part of its connection included."""
    one_by_one.ask(side, side.port, WARMING)
    return min(_run(side) for _ in range(RUNS))


def _run(side: load.Side) -> float:
    worker, = side.pids
    # On the worker's core: the two take turns at every step.
    command = processes.urgent(["taskset", "-c", "0", str(_counter()), str(worker)])
    counter = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        if counter.stdout.readline() != "ready\n":
            raise SystemExit(f"bench: cannot step through the worker {worker}")
        one_by_one.ask(side, side.port, REQUESTS)
    finally:
        counter.stdin.close()
        rest = counter.stdout.read()
        counter.wait()
    return int(rest) / REQUESTS
