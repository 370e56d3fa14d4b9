"""wrk on core 1, in slices of a second, and what a slice cost the server."""

import dataclasses
import json
import pathlib
import subprocess
import sys
from collections.abc import Callable

from . import cost, nginx, processes, tools

LOAD_CORE = 1
COUNTED_REQUESTS = 4000
SUMMARY = pathlib.Path(__file__).with_name("summary.lua")
MANY_TOKENS = pathlib.Path(__file__).with_name("many_tokens.lua")
RANDOM_KEYS = pathlib.Path(__file__).with_name("random_keys.lua")
EACH_ONCE = pathlib.Path(__file__).with_name("each_once.lua")


@dataclasses.dataclass
class Sample:
    requests: int
    requests_per_second: float
    bytes_per_request: float
    p99_us: float
    cpu_us: float
    instructions: float | None
    cycles: float | None


@dataclasses.dataclass
class Counted:
    """Where the same answer is served under callgrind."""
    server: nginx.CountedNginx
    port: int
    # (side, port, how many) → asks for it so often. Without: as often as wrk can in two seconds.
    ask: Callable[["Side", int, int], None] | None = None


@dataclasses.dataclass
class Side:
    """One way to answer. `pids` are the processes whose cost counts."""
    name: str
    port: int
    path: str
    pids: list[int]
    headers: dict = dataclasses.field(default_factory=dict)
    connections: int = 16
    keys: int = 0  # ?k=0 to ?k=keys-1 at random; 0: the path as it is
    each_once: bool = False  # ?k=asked and so on: none comes twice
    tokens: pathlib.Path | None = None  # a file of bearer tokens, one a line: another one in each request
    asked: int = 0  # so many, so that no token comes twice before all have come, and no key of each_once at all
    refused: bool = False  # every answer is an error, as it should be
    counted: Counted | None = None
    instructions: float | None = None
    samples: list[Sample] = dataclasses.field(default_factory=list)


def _script(side: Side, port: int) -> list[str]:
    """What makes the requests, where to, and the script's argument."""
    url = f"http://127.0.0.1:{port}{side.path}"
    if side.each_once:
        return [str(EACH_ONCE), url, str(side.asked)]
    if side.keys:
        return [str(RANDOM_KEYS), url, str(side.keys)]
    return [str(MANY_TOKENS), url, str(side.tokens)] if side.tokens else [str(SUMMARY), url]


def _wrk(side: Side, port: int, seconds: int) -> list[str]:
    fields = [word for name, value in side.headers.items() for word in ("-H", f"{name}: {value}")]
    return processes.urgent(["taskset", "-c", str(LOAD_CORE), tools.find("wrk"), "-t1", f"-c{side.connections}",
                             f"-d{seconds}s", "--timeout", "20s", *fields, "-s", *_script(side, port)])


def _run(side: Side, command: list[str], seconds: int) -> dict:
    """wrk's summary. A single answer of the wrong kind ends the program: failures are cheap, and look like speed."""
    output = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60)
    try:
        summary = json.loads(output.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        sys.exit(f"bench: wrk failed on {side.name}:\n{output.stdout}{output.stderr}")
    unexpected = summary["requests"] - summary["status_errors"] if side.refused else summary["status_errors"]
    # limit_req refuses all but one a minute at most.
    if unexpected > (1 if side.refused else 0) or summary["socket_errors"]:
        sys.exit(f"bench: requests to {side.name} failed: {summary}")
    return summary


def _slice(side: Side, port: int, seconds: int, wrap=lambda command: command) -> dict:
    """A busy machine may leave a whole slice without a request: then another one is taken."""
    for _ in range(3):
        summary = _run(side, wrap(_wrk(side, port, seconds)), seconds)
        if summary["requests"]:
            return summary
    sys.exit(f"bench: {side.name} answered nothing in {seconds} s, three times: the machine does other things")


def slice_of(side: Side, seconds: int = 1) -> Sample:
    meter = cost.Meter(side.pids)
    summary = _slice(side, side.port, seconds, meter.wrap)
    spent = meter.read()
    requests = summary["requests"]
    if side.each_once:
        side.asked += requests + side.connections  # those under way at the end have been seen, too
    return Sample(
        requests=requests,
        requests_per_second=requests / (summary["microseconds"] / 1e6),
        bytes_per_request=summary["bytes"] / requests,
        p99_us=summary["p99_us"],
        cpu_us=spent.cpu_us / requests,
        instructions=spent.instructions and spent.instructions / requests,
        cycles=spent.cycles and spent.cycles / requests)


def interleave(title: str, sides: list[Side], rounds: int, seconds: int = 1) -> None:
    """A B C A B C …: the machine's speed changes for seconds at a time, so only neighbours compare."""
    for side in sides:
        slice_of(side)  # warm: caches filled, connections and files opened
    for round_number in range(1, rounds + 1):
        print(f"\r{title}: round {round_number} of {rounds} ", end="", file=sys.stderr, flush=True)
        for side in sides:
            side.samples.append(slice_of(side, seconds))
    print(file=sys.stderr)
    for side in sides:
        side.instructions = _instructions(side)


def _instructions(side: Side) -> float | None:
    """User instructions per request, by perf or by callgrind."""
    counted = sorted(sample.instructions for sample in side.samples if sample.instructions)
    if counted:
        return counted[len(counted) // 2]
    if side.counted is None:
        return None
    if side.counted.ask:
        return _instructions_of(side.counted, side, COUNTED_REQUESTS)
    _slice(side, side.counted.port, 1)  # warm
    summaries = []
    total = side.counted.server.count(lambda: summaries.append(_slice(side, side.counted.port, 2)))
    return total / summaries[0]["requests"]


def _instructions_of(counted: Counted, side: Side, requests: int) -> float:
    counted.ask(side, counted.port, requests // 4)  # warm
    return counted.server.count(lambda: counted.ask(side, counted.port, requests)) / requests
