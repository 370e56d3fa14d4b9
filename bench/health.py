"""Answers of gate_health and gate_metrics beside nginx's `return 200` of the same size, with the same fields; and what many checks cost the
sidecar.
"""

import argparse
import json
import pathlib
import time

from harness import compare, cost, load, nginx, paths, processes, report, sidecar, tools
from harness.report import Table, Target

PLAIN = "server {{ listen 127.0.0.1:{port} backlog=1024; {locations} }}"
QUESTIONS = {question: f"gate_health {question}" for question in ("live", "status", "detailed", "extended")}
QUESTIONS["metrics"] = "gate_metrics prometheus"
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
    process = processes.Process([paths.SIDECAR, "-c", directory / "gatehouse.json"], directory / "sidecar.log")
    processes.wait_for(lambda: process.check() or (directory / "link.sock").exists(), "the link's socket")
    return process


LONGEST_WORD = 2000  # of nginx's configuration, with room for what is escaped


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def returned(body: bytes) -> tuple[str, str]:
    """What `http` and `return 200` need to answer with that text, less its dollars."""
    text = body.decode().replace("$", "")
    if len(text) <= LONGEST_WORD:
        return "", quoted(text)
    parts = [text[start:start + LONGEST_WORD] for start in range(0, len(text), LONGEST_WORD)]
    maps = (f"map '' $part_{number} {{ default {quoted(part)}; }}\n" for number, part in enumerate(parts))
    return "".join(maps), "'" + "".join(f"${{part_{number}}}" for number in range(len(parts))) + "'"


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
    ours = side_of(QUESTIONS[question], http, f"location / {{ {QUESTIONS[question]}; }}", "/", directory, paths.MODULE)
    _, fields, body = processes.get(ours.port, "/", {})
    kept = "".join(f"add_header {name} {value};" for name, value in fields if name == "Cache-Control")
    http, text = returned(body)
    plain = side_of(f"return 200, as {question}", http,
                    f"default_type application/json; location / {{ {kept} return 200 {text}; }}", "/", directory, None)
    load.interleave(f"{question}, {len(body)} bytes", [plain, ours], rounds)
    return [plain, ours]


def mixed_checks(count: int, port: int, file: pathlib.Path) -> dict:
    """A third each of http, tcp and file, every ten seconds."""
    kinds = ({"kind": "http", "url": f"http://127.0.0.1:{port}/", "allow_private": True},
             {"kind": "tcp", "address": f"127.0.0.1:{port}", "allow_private": True},
             {"kind": "file", "path": str(file)})
    return {f"check_{number:03d}": {**kinds[number % 3], "interval": "10s"} for number in range(count)}


def many_checks(options: argparse.Namespace, directory: pathlib.Path, result: report.Report) -> None:
    target, port = start(nginx.Nginx, directory / "target", "", "location / { return 200 ok; }", "/", None)
    rows = []
    for count in options.checks:
        daemon = sidecar.Sidecar(directory / f"checks-{count}", {}, {},
                                 checks=mixed_checks(count, port, directory / "target" / "nginx.conf"))
        daemon.start()
        time.sleep(12)  # each has run
        before = daemon.processor_seconds()
        time.sleep(options.seconds)
        cores = (daemon.processor_seconds() - before) / options.seconds
        rows.append([f"{count:,}", f"{100 * cores:.1f}", f"{daemon.peak_mib():,.0f}"])
        daemon.stop()
        if count == 500:
            result.targets.append(Target("500 checks every ten seconds, of a core", cores, at_most=0.05))
    target.stop()
    result.tables.append(Table("Checks every ten seconds, a third each http, tcp and file",
                               ["checks", "percent of a core", "peak MiB"], rows))


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench/run.sh health", description=__doc__)
    parser.add_argument("--checks", type=int, nargs="*", default=[50, 150, 500], help="of the sidecar (default 50 150 500)")
    parser.add_argument("--seconds", type=int, default=30, help="that they are watched for (default 30)")
    parser.add_argument("--rounds", type=int, default=7, help="slices of a second per answer (default 7)")
    options = parser.parse_args()
    tools.require("nginx", "wrk", "taskset")
    paths.require_built(paths.MODULE, paths.SIDECAR)

    directory = paths.fresh_directory("health")
    result = report.Report("health", "bench/run.sh health")
    checked = start_sidecar(directory / "sidecar")
    for question in QUESTIONS if options.rounds else ():
        plain, ours = compare_question(directory / question, directory / "sidecar" / "link.sock", question,
                                       options.rounds)
        result.tables.append(compare.table(f"`{question}`, {len(CHECKS)} checks", [plain, ours]))
        result.targets.append(Target(f"{question}, throughput, of return 200 of the same size",
                                     1 / compare.ratio("cpu_us", ours, plain), at_least=0.9))
        result.data[question] = {side.name: compare.figures(side) for side in (plain, ours)}
    checked.stop()
    many_checks(options, directory, result)
    result.notes.append("Throughput by what the worker spends on a core per request; medians of slices of a second.")
    result.save()


if __name__ == "__main__":
    main()
