"""A card that is computed on demand, with 10,000 values of its parameter: what a hit costs beside a card without parameters,
and a miss beside Flask with SQLite and a dict; and how a miss grows with the rows of the table it looks into.
"""

import argparse
import dataclasses
import pathlib
import sqlite3
import sys
import time

from harness import compare, cost, gatehouse, load, one_by_one, paths, processes, report, tools
from harness.gunicorn import Gunicorn
from harness.load import Side
from harness.report import Table, Target
from peers import postgres

ROWS_EACH = 20
RUNS = 100_000  # for misses: none is asked for twice
SQL = "select time, value from points where run = $k order by time"
SIZES = (1_000_000, 2_000_000, 4_000_000)  # rows: more runs than are asked for
MOST_MIB = 1024 + 143  # engine.memory_limit as it is by default, and 150 MB
PLAIN, ONE_PARAMETER = "/api/plain", "/api/run"


@dataclasses.dataclass
class Bench:
    directory: pathlib.Path
    rounds: int
    values: int
    result: report.Report


# Runs one after the other, each as far from its neighbours as they are many: an index leads everywhere on the disk.
POINTS = """select (i / {each} * 7919) % {runs} as run, i % {each} as time, {value} as value"""


def points(rows: int, value: str) -> str:
    return POINTS.format(each=ROWS_EACH, runs=rows // ROWS_EACH, value=value)


def write_points(file: pathlib.Path, rows: int) -> pathlib.Path:
    """rows / ROWS_EACH runs of ROWS_EACH points each, with an index by run."""
    database = sqlite3.connect(file)
    database.executescript(f"""
        pragma journal_mode = wal; pragma synchronous = off;
        create table points (run integer, time integer, value real);
        with recursive n(i) as (select 0 union all select i + 1 from n where i + 1 < {rows})
        insert into points {points(rows, "random() / 9223372036854775808.0")} from n;
        create index points_of_run on points (run)""")
    database.close()
    return file


def card(source: str, **more) -> dict:
    return {"path": ONE_PARAMETER, "sources": [source], "sql": SQL, "params": {"k": "integer"}, "ttl": "1h",
            "max_age": "1h", **more}


def start(directory: pathlib.Path, source: dict, values: int, **more) -> gatehouse.Gatehouse:
    """Beside the card that is asked for, one without parameters that says what that says of run 0."""
    plain = {"path": PLAIN, "sources": ["runs"], "sql": SQL.replace("$k", "0"), "refresh": "1h", "max_age": "1h"}
    return gatehouse.Gatehouse(directory, {"runs": source}, {"plain": plain, "run": card("runs", **more)},
                               more={"on_demand": {"max_variants": values + 100, "memory_limit": "1g"}})


def sqlite_source(file: pathlib.Path) -> dict:
    return {"kind": "sqlite", "path": str(file)}


def rests(pid: int) -> bool:
    before = cost.cpu_us([pid])
    time.sleep(0.5)
    return cost.cpu_us([pid]) - before < 25_000


def hits(bench: Bench) -> list[Target]:
    file = write_points(bench.directory / "hits.db", bench.values * ROWS_EACH)
    ours = start(bench.directory / "hits", sqlite_source(file), bench.values)
    workers = ours.nginx.workers()
    sides = [Side("a card", ours.port, PLAIN, workers), Side("a card, asked with a query", ours.port, f"{PLAIN}?k=1", workers),
             Side("a variant", ours.port, f"{ONE_PARAMETER}?k=1", workers),
             Side(f"one of {bench.values:,} variants, at random", ours.port, ONE_PARAMETER, workers, keys=bench.values)]
    for _ in range(2):  # in a flood of questions workers get what is asked for twice
        one_by_one.fill(sides[-1])
    processes.wait_for(lambda: rests(ours.sidecar.pid), "the sidecar, which compresses them", 120)
    if cost.needs_callgrind():
        counted = ours.counted(bench.directory / "counted")
        for side in sides:
            side.counted = dataclasses.replace(counted, ask=one_by_one.ask)
    title = f"A hit: {ROWS_EACH} rows of JSON"
    load.interleave(title, sides, bench.rounds)
    ours.stop()
    bench.result.tables.append(compare.table_of_added(title, sides))
    bench.result.data["hits"] = {side.name: compare.figures(side) for side in sides}
    card_side, _, variant, many = sides
    return [Target("A variant, user instructions added to a card", compare.added("instructions", variant, card_side),
                   at_most=600, unit=""),
            Target(f"One of {bench.values:,} variants, of a card, CPU time", compare.ratio("cpu_us", many, card_side), at_most=1.2)]


def misses(bench: Bench) -> list[Target]:
    """Each value once, in slices of a second in turn, until they are all asked for or the rounds are over."""
    tools.require("gunicorn", "flask")
    file = write_points(bench.directory / "misses.db", RUNS * ROWS_EACH)
    ours = start(bench.directory / "misses", sqlite_source(file), bench.values)
    lean = start(bench.directory / "lean", sqlite_source(file), bench.values, formats=["json"], compress=False)
    python = Gunicorn(bench.directory / "flask", "runs", f"{ONE_PARAMETER}?k=0", environment={"BENCH_SQLITE": str(file)})

    def side(name: str, server: gatehouse.Gatehouse) -> Side:
        return Side(name, server.port, ONE_PARAMETER, [*server.nginx.workers(), server.sidecar.pid], each_once=True, asked=1)

    sides = [python.side("Flask, SQLite, dict: a miss", ONE_PARAMETER, each_once=True, asked=1),
             side("Gatehouse: a miss, four formats, compressed", ours),
             side("Gatehouse: a miss, JSON alone", lean),
             python.side("Flask: a hit of the dict", f"{ONE_PARAMETER}?k=0"),
             Side("Gatehouse: a hit", ours.port, f"{ONE_PARAMETER}?k=1", ours.nginx.workers())]
    title = f"A miss: {ROWS_EACH} of {RUNS * ROWS_EACH:,} rows"
    load.interleave(title, sides, bench.rounds)
    peak = max(server.sidecar.peak_mib() for server in (ours, lean))
    for server in (ours, lean):
        server.stop()
    python.process.stop()
    bench.result.tables.append(compare.table(title, sides))
    bench.result.data["misses"] = {one.name: compare.figures(one) for one in sides}
    flask_miss, full, json_alone, flask_hit, our_hit = sides
    return [Target("Flask's miss, of one of Gatehouse in JSON alone, CPU time",
                   compare.ratio("cpu_us", flask_miss, json_alone), at_least=10),
            Target("Flask's miss, of one of Gatehouse with all formats, CPU time",
                   compare.ratio("cpu_us", flask_miss, full), at_least=10),
            Target("Flask's hit of its dict, of a hit of Gatehouse, CPU time",
                   compare.ratio("cpu_us", flask_hit, our_hit), at_least=10),
            Target("The sidecar's peak memory in that", peak, at_most=MOST_MIB, unit="MiB")]


def growth(bench: Bench) -> list[Target]:
    """Of a look-up by an index, SQLite and PostgreSQL, at three sizes, all of them in turn."""
    if postgres.programs() is None:
        sys.exit("bench: PostgreSQL is not installed; install it:  apt-get install postgresql")
    server = postgres.Postgres(bench.directory / "pg")
    sides, started = [], []
    for rows in SIZES:
        file = write_points(bench.directory / f"growth-{rows}.db", rows)
        table = f"points_{rows}"
        server.sql(f"create table {table} as {points(rows, 'random()')} from generate_series(0::bigint, {rows - 1}) as i; "
                   f"create index on {table} (run); analyze {table}")
        for name, source in (("SQLite", sqlite_source(file)), ("PostgreSQL", {"kind": "postgres", "url": server.url})):
            sql = SQL if name == "SQLite" else SQL.replace("points", table)
            ours = gatehouse.Gatehouse(
                bench.directory / f"{name}-{rows}", {"runs": source},
                {"run": {**card("runs", formats=["json"], compress=False), "sql": sql}})
            started.append(ours)
            processes.wait_for_answer(ours.nginx.process, ours.port, f"{ONE_PARAMETER}?k=0")
            sides.append(Side(f"{name}, {rows:,} rows", ours.port, ONE_PARAMETER,
                              [*ours.nginx.workers(), ours.sidecar.pid], each_once=True, asked=1, connections=4))
    load.interleave("A miss, by rows of the table", sides, min(bench.rounds, 3))
    bench.result.tables.append(compare.table("A miss, by rows of the table", sides))
    bench.result.data["growth"] = {side.name: compare.figures(side) for side in sides}
    for ours in started:
        ours.stop()
    server.stop()
    return []


PARTS = {"hits": hits, "misses": misses, "growth": growth}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench/run.sh on_demand", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="slices of a second per answer (default 7)")
    parser.add_argument("--values", type=int, default=10_000, help="of the parameter (default 10,000)")
    parser.add_argument("--only", choices=PARTS, action="append", help="only this part; repeatable")
    options = parser.parse_args()
    tools.require("nginx", "wrk", "taskset")
    bench = Bench(paths.fresh_directory("on_demand"), options.rounds, options.values,
                  report.Report("on_demand", "bench/run.sh on_demand"))
    for name, part in PARTS.items():
        if not options.only or name in options.only:
            bench.result.targets += part(bench)
    bench.result.notes.append(f"User instructions are counted by {cost.how_instructions_are_counted()}.")
    bench.result.save()


if __name__ == "__main__":
    main()
