"""Answers of gate_health and gate_metrics beside nginx's `return 200` of the same size, with the same fields."""

import argparse
import json
import pathlib

from harness import compare, cost, load, nginx, paths, processes, report, tools
from harness.report import Target

PLAIN = "server {{ listen 127.0.0.1:{port} backlog=1024; {locations} }}"
QUESTIONS = ("live", "status", "detailed", "extended")
CHECKS = {f"memory_{number}": {"kind": "memory"} for number in range(5)}


def start_sidecar(directory: pathlib.Path) -> processes.Process:
    """With a handful of checks, each of them run once."""
    directory.mkdir(parents=True)
    config = {
        "link": {"socket": str(directory / "link.sock")},
        "control": {"socket": str(directory / "control.sock")},
        "api": {"socket": str(directory / "api.sock")},
        "board": {"file": "off"},
        "checks": CHECKS,
    }
    (directory / "gatehouse.json").write_text(json.dumps(config, indent=2))
    sidecar = processes.Process([paths.SIDECAR, "-c", directory / "gatehouse.json"], directory / "sidecar.log")
    processes.wait_for(lambda: sidecar.check() or (directory / "link.sock").exists(), "the link's socket")
    return sidecar


def quoted(body: bytes) -> str:
    return "'" + body.decode().replace("\\", "\\\\").replace("'", "\\'").replace("$", "") + "'"


def start(kind, directory: pathlib.Path, http: str, locations: str, path: str, module) -> tuple[nginx.Nginx, int]:
    port = processes.free_port()
    server = kind(directory, http + PLAIN.format(port=port, locations=locations), module=module)
    processes.wait_for_answer(server.process, port, path)
    return server, port


def side_of(name: str, http: str, locations: str, path: str, directory: pathlib.Path, module) -> load.Side:
    """One answer, and where perf cannot count the same once more under callgrind."""
    here = directory / name.split()[0]
    server, port = start(nginx.Nginx, here, http, locations, path, module)
    side = load.Side(name, port, path, server.workers())
    if cost.needs_callgrind():
        side.counted = load.Counted(*start(nginx.CountedNginx, here / "counted", http, locations, path, module))
    return side


def compare_question(directory: pathlib.Path, link: pathlib.Path, question: str, rounds: int) -> list[load.Side]:
    http = f"gate_link {link}; gate_board_file off;\n"
    ours = side_of(f"gate_health {question}", http, f"location / {{ gate_health {question}; }}", "/",
                    directory, paths.MODULE)
    _, fields, body = processes.get(ours.port, "/", {})
    kept = "".join(f"add_header {name} {value};" for name, value in fields if name == "Cache-Control")
    plain = side_of(f"return 200, as {question}", "",
                     f"default_type application/json; location / {{ {kept} return 200 {quoted(body)}; }}", "/",
                     directory, None)
    load.interleave(f"{question}, {len(body)} bytes", [plain, ours], rounds)
    return [plain, ours]


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench/run.sh health", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="slices of a second per answer (default 7)")
    options = parser.parse_args()
    tools.require("nginx", "wrk", "taskset")
    paths.require_built(paths.MODULE, paths.SIDECAR)

    directory = paths.fresh_directory("health")
    result = report.Report("health", "bench/run.sh health")
    sidecar = start_sidecar(directory / "sidecar")
    for question in QUESTIONS:
        plain, ours = compare_question(directory / question, directory / "sidecar" / "link.sock", question,
                                       options.rounds)
        result.tables.append(compare.table(f"`{question}`, {len(CHECKS)} checks", [plain, ours]))
        result.targets.append(Target(f"{question}, throughput, of return 200 of the same size",
                                     1 / compare.ratio("cpu_us", ours, plain), at_least=0.9))
        result.data[question] = {side.name: compare.figures(side) for side in (plain, ours)}
    sidecar.stop()
    result.notes.append("Throughput by what the worker spends on a core per request; medians of slices of a second.")
    result.save()


if __name__ == "__main__":
    main()
