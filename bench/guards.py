"""What a limit and a cap add to a request, beside limit_req, limit_conn, OpenResty, HAProxy, and Flask-Limiter."""

import argparse
import dataclasses
import pathlib
import sys

from harness import compare, cost, load, paths, processes, report, tools
from harness.gunicorn import Gunicorn
from harness.load import Side
from harness.report import Table, Target
from peers import haproxy_guard, lua_guard, nginx_guards as guards
from peers.nginx_guards import NginxGuards

ONE = {
    "unguarded": "",
    "unguarded_fields": guards.QUOTA_FIELDS,
    "limit_req": guards.LIMIT_REQ,
    "rate": guards.GATE_RATE + guards.NO_FIELDS,
    "rate_fields": guards.GATE_RATE,
    "quota": guards.GATE_QUOTA + guards.NO_FIELDS,
    "quota_fields": guards.GATE_QUOTA,
    "limit_conn": guards.LIMIT_CONN,
    "cap": guards.GATE_CONN,
    "limit_both": guards.LIMIT_REQ + guards.LIMIT_CONN,
    "gate_both": guards.GATE_QUOTA + guards.GATE_CONN + guards.NO_FIELDS,
    "gate_both_fields": guards.GATE_QUOTA + guards.GATE_CONN,
}


@dataclasses.dataclass
class Bench:
    directory: pathlib.Path
    rounds: int
    result: report.Report

    def measure(self, title: str, sides: list[Side]) -> None:
        """Each beside the first, which is unguarded."""
        load.interleave(title, sides, self.rounds)
        self.result.tables.append(compare.table_of_added(title, sides))
        self.result.data[title] = {
            side.name: {**compare.figures(side),
                        "adds": {metric: compare.added(metric, side, sides[0])
                                 for metric in ("cpu_us", "instructions", "cycles")}}
            for side in sides}


def quotient(a: float | None, b: float | None) -> float | None:
    return a / b if a is not None and b else None


def added(metric: str, side: Side, base: Side, against: Side) -> float | None:
    """What a guard adds, relative to what another one adds."""
    return quotient(compare.added(metric, side, base), compare.added(metric, against, base))


def time_metric() -> str:
    """What misses of the cache can be seen in."""
    return "cycles" if cost.perf_counts() else "cpu_us"


def one_key(bench: Bench) -> list[Target]:
    server = NginxGuards(bench.directory / "one", guards.zones_of_one("$binary_remote_addr"), ONE)
    alone = NginxGuards(bench.directory / "alone", "", {"unguarded": ""}, module=None)
    base = server.side("unguarded", "unguarded")
    limit_req = server.side("limit_req, a rate", "limit_req")
    quota = server.side("gate_limit, three windows", "quota")
    with_fields = server.side("gate_limit, three windows, with fields", "quota_fields")
    bench.measure("A rate or a quota, one client", [
        base, limit_req,
        server.side("gate_limit, a rate", "rate"), server.side("gate_limit, a rate, with fields", "rate_fields"),
        quota, with_fields, server.side("unguarded, such fields by add_header", "unguarded_fields"),
        alone.side("unguarded, nginx without the module", "unguarded")])
    targets = [Target(f"{what}, of limit_req's rate, user instructions added",
                      added("instructions", side, base, limit_req), at_most=1)
               for what, side in (("Three windows", quota), ("Three windows with fields", with_fields))]

    base = server.side("unguarded", "unguarded")
    limit_conn, cap = server.side("limit_conn", "limit_conn"), server.side("gate_conn", "cap")
    bench.measure("A cap, one client", [base, limit_conn, cap])
    targets.append(Target("A cap, of limit_conn, user instructions added",
                          added("instructions", cap, base, limit_conn), at_most=1))

    bench.measure("Both, one client", [
        server.side("unguarded", "unguarded"), server.side("limit_req, limit_conn", "limit_both"),
        server.side("gate_limit with three windows, gate_conn", "gate_both"),
        server.side("the same, with fields", "gate_both_fields")])
    server.stop()
    alone.stop()
    return targets


def zone_sizes(clients: int) -> Table:
    return Table(f"Zones of {clients:,} clients in which nobody takes another's place", ["", "MiB", "bytes a client"], [
        [name, f"{guards.zone_size(clients, each) / 1024:.1f}", str(each)]
        for name, each in (("limit_req, a rate", guards.LIMIT_REQ_BYTES), ("gate_limit, a rate", guards.RATE_BYTES),
                           ("gate_limit, three windows", guards.QUOTA_BYTES))])


def many_keys(bench: Bench, clients: int) -> list[Target]:
    server = NginxGuards(bench.directory / f"keys-{clients}", guards.zones_of_many(clients), ONE_OF_MANY)
    if clients > 100_000:
        # Under callgrind a million clients take minutes, and instructions do not show what is amiss in the cache.
        server.stop_counting()
    base, limit_req, rate, quota = sides = [
        server.side(name, path, keys=clients)
        for name, path in (("unguarded", "unguarded"), ("limit_req, a rate", "limit_req"),
                           ("gate_limit, a rate", "rate"), ("gate_limit, three windows", "quota"))]
    # limit_req last: it forgets who was not there for a minute.
    for side in (quota, rate, limit_req):
        print(f"\r{side.name}: {clients:,} clients ", end="", file=sys.stderr, flush=True)
        server.fill(side)
    title = f"{clients:,} clients at random"
    bench.measure(title, sides)
    if pushed_out := server.pushed_out():
        bench.result.notes.append(f"{title}: {pushed_out} lost their place in a zone.")
    server.stop()
    bench.result.tables.append(zone_sizes(clients))
    metric = time_metric()
    unit = {"cycles": "cycles", "cpu_us": "CPU time"}[metric]
    return [Target(f"Three windows, {clients:,} clients, of limit_req's rate, {unit} added",
                   added(metric, quota, base, limit_req), at_most=1)]


ONE_OF_MANY = {
    "unguarded": "",
    "limit_req": guards.LIMIT_REQ,
    "rate": guards.GATE_RATE + guards.NO_FIELDS,
    "quota": guards.GATE_QUOTA + guards.NO_FIELDS,
}


def keys_100k(bench: Bench) -> list[Target]:
    return many_keys(bench, 100_000)


def keys_1m(bench: Bench) -> list[Target]:
    return many_keys(bench, 1_000_000)


def refused(bench: Bench) -> list[Target]:
    first = NginxGuards(bench.directory / "refusing", guards.ZONES_THAT_REFUSE, guards.REFUSING)
    answer = first.refusal("quota")
    first.stop()
    again = guards.location_returning(*answer)
    server = NginxGuards(bench.directory / "refused", guards.ZONES_THAT_REFUSE, {**guards.REFUSING, "return": again})
    alone = NginxGuards(bench.directory / "refused-alone", "", {"unguarded": "", "return": again}, module=None)
    guards.require_same_refusal(server, alone, "quota", "return")
    for path in ("limit_req", "rate"):
        server.refusal(path)

    def side(name: str, path: str, of: NginxGuards = server) -> Side:
        return of.side(name, path, refused=True)

    returned, quota = side("return 429, the same text and fields", "return"), side("gate_limit, three windows", "quota")
    returned_alone = side("return 429, the same, nginx without the module", "return", alone)
    bench.measure("Refused", [
        returned, returned_alone, quota, side("gate_limit, a rate", "rate"),
        side("return 429, nginx's page", "page"), side("limit_req, nginx's page", "limit_req")])
    server.stop()
    alone.stop()
    return [Target(f"A refused request, of return 429 of the same size{where}, CPU time",
                   compare.ratio("cpu_us", quota, against), at_most=1.05)
            for where, against in (("", returned), (" in an nginx without the module", returned_alone))]


def two_workers(bench: Bench) -> list[Target]:
    hot, own = [
        NginxGuards(bench.directory / f"two-workers-{name}", guards.zones_of_one(key), ONE, workers=2)
        for name, key in (("hot", "$binary_remote_addr"), ("own", "$pid"))]

    def side(name: str, path: str, of: NginxGuards) -> Side:
        return of.side(name, path, connections=64)

    quota, quota_own = (side(f"gate_limit, three windows, {key}", "quota", of)
                        for key, of in (("one key", hot), ("a key for each worker", own)))
    bench.measure("Two workers, one zone", [
        side("unguarded", "unguarded", hot),
        side("limit_req, one key", "limit_req", hot), side("limit_req, a key for each worker", "limit_req", own),
        quota, quota_own,
        side("limit_conn, one key", "limit_conn", hot), side("limit_conn, a key for each worker", "limit_conn", own),
        side("gate_conn, one key", "cap", hot), side("gate_conn, a key for each worker", "cap", own)])
    bench.result.notes.append("Two workers and the load generator share two cores, so that the workers seldom meet: "
                              "threads that do nothing else are in `bench/run.sh limit_zone`.")
    hot.stop()
    own.stop()
    return [Target("Two workers on one key, of a key for each, CPU time",
                   compare.ratio("cpu_us", quota, quota_own), at_most=1.1)]


def openresty(bench: Bench) -> list[Target]:
    tools.require("lua")
    server = lua_guard.start(bench.directory / "lua")
    bench.measure("OpenResty, one client", [
        server.side("unguarded", "unguarded"), server.side("a leaky bucket in access_by_lua", "one")])
    unguarded, bucket = (server.side(name, path, keys=100_000) for name, path in (
        ("unguarded", "unguarded"), ("a leaky bucket in access_by_lua", "many")))
    server.fill(bucket)
    bench.measure("OpenResty, 100,000 clients", [unguarded, bucket])
    server.stop()
    return []


def haproxy(bench: Bench) -> list[Target]:
    tools.require("haproxy")
    server = haproxy_guard.HaproxyGuard(bench.directory / "haproxy")
    bench.measure("HAProxy, one client", [server.side("unguarded", "unguarded"), server.side("stick table", "one")])
    unguarded, table = (server.side(name, which, keys=100_000) for name, which in (
        ("unguarded", "unguarded"), ("stick table", "many")))
    server.fill(table)
    bench.measure("HAProxy, 100,000 clients", [unguarded, table])
    server.process.stop()
    return []


def flask(bench: Bench) -> list[Target]:
    tools.require("gunicorn", "flask", "flask_limiter")
    server = NginxGuards(bench.directory / "beside-flask", guards.zones_of_one("$binary_remote_addr"), ONE)
    python = Gunicorn(bench.directory / "flask", "limited", "/limited")
    ours, ours_guarded = server.side("unguarded", "unguarded"), server.side("gate_limit, three windows", "quota_fields")
    theirs, theirs_guarded = python.side("Flask, unguarded", "/unguarded"), python.side("Flask-Limiter", "/limited")
    load.interleave("Flask", [ours, ours_guarded, theirs, theirs_guarded], bench.rounds)
    for title, sides in (("Beside Flask: nginx", [ours, ours_guarded]), ("Flask, one client", [theirs, theirs_guarded])):
        bench.result.tables.append(compare.table_of_added(title, sides))
        bench.result.data[title] = {side.name: compare.figures(side) for side in sides}
    python.process.stop()
    server.stop()
    return [
        Target("Flask-Limiter, of three windows with fields, CPU time added",
               quotient(compare.added("cpu_us", theirs_guarded, theirs),
                        compare.added("cpu_us", ours_guarded, ours)), at_least=20),
        Target("A request through Flask-Limiter, of one through gate_limit, CPU time",
               compare.ratio("cpu_us", theirs_guarded, ours_guarded), at_least=20)]


PARTS = {part.__name__: part
         for part in (one_key, keys_100k, keys_1m, refused, two_workers, openresty, haproxy, flask)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench/run.sh guards", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="slices of a second per guard (default 9)")
    parser.add_argument("--only", action="append", choices=PARTS, help="one part; repeatable")
    options = parser.parse_args()
    tools.require("nginx", "wrk")
    paths.require_built(paths.MODULE)

    name = "-".join(["guards", *(options.only or [])])  # a part does not replace what was measured whole
    bench = Bench(paths.fresh_directory("guards"), options.rounds, report.Report(name, "bench/run.sh guards"))
    for part in options.only or PARTS:
        bench.result.targets += PARTS[part](bench)
        processes.stop_all()
    bench.result.notes.append("Over nginx's empty_gif; one worker, 16 kept-alive connections. CPU time: medians of slices of a "
                              "second, and of the differences and ratios of neighbouring ones, relative to a table's "
                              "first row. Instructions: of requests one after another over one connection.")
    bench.result.save()


if __name__ == "__main__":
    main()
