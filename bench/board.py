"""A card beside the same bytes from nginx's `return`, a static file, a proxy_cache hit, and from Flask."""

import argparse
import dataclasses
import pathlib

from harness import compare, cost, data, gatehouse, paths, processes, report, tools
from harness.gunicorn import Gunicorn
from harness.load import Counted, Side, interleave
from harness.report import Target
from peers import nginx_answers


@dataclasses.dataclass(frozen=True)
class Card:
    name: str
    json_bytes: int
    columns: int = 14

    @property
    def path(self) -> str:
        return f"/api/{self.name}"


SMALL = Card("1k", 1 << 10, columns=3)
MIDDLE = Card("64k", 64 << 10)
LARGE = Card("2m", 2 << 20)
DASHBOARD = Card("dashboard", 440_000)
CARDS = (SMALL, MIDDLE, LARGE, DASHBOARD)


class Bench:
    """Ours and plain nginx with the same bytes, and where perf cannot count each again under callgrind."""

    def __init__(self, directory: pathlib.Path):
        self.directory = directory
        self.csv = {card: data.write_series(directory / f"{card.name}.csv",
                                            data.rows_for(card.json_bytes, card.columns), card.columns)
                    for card in CARDS}
        self.ours = gatehouse.Gatehouse(
            directory / "ours",
            {f"csv_{card.name}": {"kind": "csv", "path": str(self.csv[card])} for card in CARDS},
            {card.name: {"path": card.path, "sql": f"select * from csv_{card.name}", "max_age": "1h"}
             for card in CARDS})
        self.plain = self._plain(directory / "plain", counted=False)
        self.counted = {}
        if cost.needs_callgrind():
            self.counted["ours"] = self.ours.counted(directory / "ours-counted")
            plain = self._plain(directory / "plain-counted", counted=True)
            self.counted["plain"] = Counted(plain.nginx, plain.port)

    def body(self, card: Card, **headers) -> bytes:
        return processes.get(self.ours.port, card.path, headers)[2]

    def fields(self, card: Card) -> dict:
        """Ours, a second after it was computed, so that Age is among them."""
        def with_age() -> dict | None:
            fields = dict(processes.get(self.ours.port, card.path)[1])
            return fields if "Age" in fields else None

        return processes.wait_for(with_age, "an Age", 10)

    def _plain(self, directory: pathlib.Path, counted: bool) -> nginx_answers.NginxAnswers:
        bodies = {card.name: self.body(card) for card in CARDS}
        bodies["dashboard.gz"] = self.body(DASHBOARD, **{"Accept-Encoding": "gzip"})
        return nginx_answers.NginxAnswers(directory, bodies, self.fields(SMALL), self.body(SMALL), counted)

    def side_of_ours(self, name: str, card: Card, **headers) -> Side:
        return Side(name, self.ours.port, card.path, self.ours.nginx.workers(), headers,
                    counted=self.counted.get("ours"))

    def side_of_nginx(self, name: str, path: str, **headers) -> Side:
        return Side(name, self.plain.port, path, self.plain.nginx.workers(), headers,
                    counted=self.counted.get("plain"))


def require_same_answers(sides: list[Side]) -> None:
    """The same bytes under the same fields, or the comparison is none."""
    def answer(side: Side):
        status, fields, body = processes.get(side.port, side.path, side.headers)
        return {"status": status, "fields": sorted(name.lower() for name, _ in fields), "body": body}

    processes.wait_for(lambda: "age" in answer(sides[0])["fields"], "an Age", 10)
    expected = answer(sides[0])
    for side in sides[1:]:
        found = answer(side)
        for what in expected:
            if found[what] != expected[what]:
                raise SystemExit(f"bench: {side.name} has another {what} than {sides[0].name}: "
                                 f"{str(found[what])[:300]} instead of {str(expected[what])[:300]}")


def sides_by_size(bench: Bench, card: Card) -> list[Side]:
    sides = [bench.side_of_ours("Gatehouse", card),
             bench.side_of_nginx("nginx, static file", f"/static/{card.name}"),
             bench.side_of_nginx("nginx, proxy_cache hit", f"/cached/{card.name}")]
    if card is SMALL:
        sides.insert(1, bench.side_of_nginx("nginx, return 200", "/return"))
    require_same_answers(sides)
    return sides


def small(bench: Bench, measure) -> list[Target]:
    ours, returned, static, cached = sides = sides_by_size(bench, SMALL)
    measure("1 KiB of JSON", sides)
    return [Target(f"1 KiB, user instructions, of {what}", compare.ratio("instructions", ours, against), at_most=bound)
            for what, against, bound in (("nginx's return 200", returned, 1.2),
                                         ("a static file", static, 0.9),
                                         ("a proxy_cache hit", cached, 0.55))]


def middle(bench: Bench, measure) -> list[Target]:
    ours, static, _ = sides = sides_by_size(bench, MIDDLE)
    measure("64 KiB of JSON", sides)
    return [Target("64 KiB, CPU time, of a static file", compare.ratio("cpu_us", ours, static), at_most=1.1)]


def large(bench: Bench, measure) -> list[Target]:
    ours, static, _ = sides = sides_by_size(bench, LARGE)
    measure("2 MiB of JSON", sides)
    return [Target("2 MiB, CPU time, of a static file", compare.ratio("cpu_us", ours, static), at_most=1.6)]


def not_modified(bench: Bench, measure) -> list[Target]:
    def tag(port: int, path: str) -> str:
        return dict(processes.get(port, path)[1])["ETag"]

    static_path = f"/static/{MIDDLE.name}"
    measure("304 to If-None-Match", [
        bench.side_of_ours("Gatehouse", MIDDLE, **{"If-None-Match": tag(bench.ours.port, MIDDLE.path)}),
        bench.side_of_nginx("nginx, static file", static_path,
                            **{"If-None-Match": tag(bench.plain.port, static_path)})])
    return []


def dashboard(bench: Bench, measure) -> list[Target]:
    # As its users run it: on all cores.
    flask = Gunicorn(bench.directory / "flask", "dashboard", "/cached", workers=4,
                     environment={"BENCH_CSV": str(bench.csv[DASHBOARD])})
    identity = bench.side_of_ours("Gatehouse", DASHBOARD)
    zstd = bench.side_of_ours("Gatehouse, zstd", DASHBOARD, **{"Accept-Encoding": "zstd"})
    cached = flask.side("Flask, dict cache", "/cached")
    uncached = flask.side("Flask, no cache", "/uncached")
    measure("A dashboard's CSV, 1,000 × 14, as JSON", [
        identity, zstd,
        bench.side_of_ours("Gatehouse, gzip", DASHBOARD, **{"Accept-Encoding": "gzip"}),
        bench.side_of_nginx("nginx, static file", "/static/dashboard"),
        bench.side_of_nginx("nginx, gzip_static", "/static/dashboard", **{"Accept-Encoding": "gzip"}),
        cached, uncached])
    flask.process.stop()
    return [Target(f"{what}, CPU time", compare.ratio("cpu_us", of, against), at_least=bound)
            for what, of, against, bound in (
                ("Flask with a cache, of Gatehouse", cached, identity, 5),
                ("Flask with a cache, of Gatehouse in zstd", cached, zstd, 15),
                ("Flask without a cache, of Gatehouse", uncached, identity, 150))]


PARTS = {"small": small, "middle": middle, "large": large, "not_modified": not_modified, "dashboard": dashboard}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench/run.sh board", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="slices of a second per answer (default 7)")
    parser.add_argument("--only", action="append", choices=PARTS, help="one part; repeatable")
    options = parser.parse_args()
    tools.require("nginx", "wrk", "gunicorn", "flask", "pandas", "openblas")

    name = "-".join(["board", *(options.only or [])])  # a part does not replace what was measured whole
    result = report.Report(name, "bench/run.sh board")
    if cost.how_instructions_are_counted() == "not at all":
        result.notes.append("User instructions were not counted: install linux-perf, or valgrind where there are "
                            "no performance counters.")
    bench = Bench(paths.fresh_directory("board"))

    def measure(title: str, sides: list[Side]) -> None:
        interleave(title, sides, options.rounds)
        result.tables.append(compare.table(title, sides))
        result.data[title] = {side.name: compare.figures(side) for side in sides}

    for part in options.only or PARTS:
        result.targets += PARTS[part](bench, measure)
    result.notes.append("Cost is what the server's processes spend per request; one nginx worker, 16 kept-alive "
                        "connections; medians of slices of a second; × is relative to the first row, of CPU the median of the "
                        "ratios of neighbouring slices.")
    result.save()


if __name__ == "__main__":
    main()
