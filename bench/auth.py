"""What a token at the door adds to a request, beside auth_basic, auth_request, njs, and Flask with PyJWT."""

import argparse
import dataclasses
import pathlib
import subprocess

from harness import compare, load, paths, processes, report, stepping, tools
from harness.gunicorn import Gunicorn
from harness.load import Side
from harness.report import Table, Target
from peers import nginx_doors, tokens
from peers.nginx_doors import NginxDoors, NginxNjs, Tokens

JWT = "gate_auth jwt; gate_jwt_key secret={secret} alg=HS256; gate_jwt_issuer https://issuer.example; " \
      "gate_jwt_audience dashboards;"
ZONES = """
    gate_limit_zone $binary_remote_addr zone=quota:1m quota="100000000/minute; 1000000000/hour; 10000000000/day";
    gate_conn_zone $binary_remote_addr zone=cap:1m;
"""
DOORS = {
    "unguarded": "",
    "token": "gate_auth token; gate_require scope=read;",
    "jwt": JWT,
    "auth_basic": "auth_basic bench; auth_basic_user_file {passwords};",
    "auth_request": "auth_request /204; location = /204 {{ auth_request off; return 204; }} empty_gif;",
    "everything": "gate_limit zone=quota; gate_conn zone=cap 10000; gate_auth token; gate_require scope=read; "
                  "gate_cors origin=https://app.example credentials; gate_headers dashboard;",
}
# The same guard without, with a line for none of its decisions, and with one for each.
AUDITED = {"unguarded": "", **{level: f"gate_auth token; gate_audit {level};" for level in ("off", "denied", "on")}}
PLACES = {"unguarded": "", "variable": "add_header X-Country $gate_country;",
          "rule": "gate_geo_deny country=FR,ES asn=64511;"}
# More than a worker remembers.
DISTINCT = 50_000


@dataclasses.dataclass
class Bench:
    directory: pathlib.Path
    rounds: int
    result: report.Report
    made: Tokens

    def measure(self, title: str, sides: list[Side]) -> None:
        """Each beside the first, which is unguarded and gets the same requests."""
        load.interleave(title, sides, self.rounds)
        self.result.tables.append(compare.table_of_added(title, sides))
        self.result.data[title] = {
            side.name: {**compare.figures(side),
                        "adds": {metric: compare.added(metric, side, sides[0])
                                 for metric in ("cpu_us", "instructions", "cycles")}}
            for side in sides}

    def pair(self, title: str, server, guard: str, **options) -> float | None:
        """User instructions that a guard adds to requests like these."""
        sides = [server.side("unguarded", "unguarded", **options), server.side(title, guard, **options)]
        self.measure(title, sides)
        return compare.added("instructions", sides[1], sides[0])


def bearer(text: str) -> dict:
    return {"Authorization": f"Bearer {text}"}


def doors(bench: Bench) -> list[Target]:
    server = NginxDoors(bench.directory / "doors", DOORS, bench.made, ZONES)
    token = bench.pair("API token", server, "token", headers=bearer(bench.made.text))
    jwt = bench.pair("JWT, seen before", server, "jwt", headers=bearer(tokens.hs256(1)))
    everything = bench.pair("Everything at once", server, "everything",
                            headers={**bearer(bench.made.text), "Origin": "https://app.example"})
    bench.pair("auth_basic with SHA", server, "auth_basic", headers=nginx_doors.basic())
    bench.pair("auth_request to return 204", server, "auth_request")
    server.stop()
    return [Target("API token, user instructions added", token, at_most=1500, unit=""),
            Target("JWT seen before, user instructions added", jwt, at_most=2000, unit=""),
            Target("Everything at once, user instructions added", everything, at_most=9000, unit="")]


def first_sight(bench: Bench) -> list[Target]:
    file = tokens.write_hs256(bench.directory / "tokens", DISTINCT)
    server = NginxDoors(bench.directory / "first-sight", DOORS, bench.made, ZONES)
    bench.pair("JWT HS256 at first sight", server, "jwt", tokens=file)
    added = stepped(bench, "JWT HS256, as the processor executes it",
                    [server.side("unguarded", "unguarded", tokens=file),
                     server.side("JWT, seen before", "jwt", headers=bearer(tokens.hs256(1))),
                     server.side("JWT HS256 at first sight", "jwt", tokens=file)])
    server.stop()
    return [Target("JWT HS256 at first sight, user instructions added", added[2], at_most=9000, unit="")]


def stepped(bench: Bench, title: str, sides: list[Side]) -> list[float]:
    """What each executes, in single steps, and what it adds to the first, which is what comes back."""
    counted = [stepping.instructions(side) for side in sides]
    added = [steps - counted[0] for steps in counted]
    bench.result.tables.append(Table(
        title, ["answer", "user instr. (stepped)", "adds"],
        [[side.name, f"{steps:,.0f}", f"{more:+,.0f}" if side is not sides[0] else ""]
         for side, steps, more in zip(sides, counted, added)]))
    bench.result.data[title] = {side.name: steps for side, steps in zip(sides, counted)}
    return added


def audit(bench: Bench) -> list[Target]:
    """Beside a server that audits nothing. No sidecar reads the ring: to write over what is old costs the same."""
    plain = NginxDoors(bench.directory / "not-audited", {"unguarded": "", "token": "gate_auth token;"}, bench.made)
    audited = NginxDoors(bench.directory / "audited", AUDITED, bench.made)
    headers = bearer(bench.made.text)
    bench.measure("The audit log, over a location with an API token",
                  [plain.side("no gate_audit anywhere", "token", headers=headers),
                   audited.side("off here, on elsewhere", "off", headers=headers),
                   audited.side("denied, and this one admitted", "denied", headers=headers),
                   audited.side("on: one line", "on", headers=headers)])
    plain.stop()
    audited.stop()
    return []


def geo(bench: Bench) -> list[Target]:
    """In a database of the shape that databases of countries and networks have: IPv6, with IPv4 96 bits down."""
    database = bench.directory / "places.mmdb"
    database.write_bytes(subprocess.run(
        ["perl", f"-I{paths.ROOT}/t/lib", "-MGatehouse::Mmdb=mmdb", "-e",
         "print mmdb({map { (\"127.0.$_.0/24\" => {country => {iso_code => 'DE'}, asn => 64500 + $_, "
         "as_name => \"Example $_\"}) } 0 .. 255})"], check=True, stdout=subprocess.PIPE).stdout)
    server = NginxDoors(bench.directory / "geo", PLACES, bench.made, f"gate_geoip {database};\n")
    sides = [server.side("unguarded", "unguarded"), server.side("a field with $gate_country", "variable"),
             server.side("gate_geo_deny country=… asn=…", "rule")]
    bench.measure("GeoIP", sides)
    server.stop()
    return [Target("GeoIP, country and autonomous system, user instructions added",
                   compare.added("instructions", sides[2], sides[0]), at_most=2500, unit="")]


def njs(bench: Bench) -> list[Target]:
    tools.require("njs")
    server = NginxNjs(bench.directory / "njs")
    bench.pair("JWT HS256 by njs", server, "njs", headers=bearer(tokens.hs256(1)))
    server.stop()
    return []


def flask(bench: Bench) -> list[Target]:
    tools.require("gunicorn", "flask", "jwt")
    server = NginxDoors(bench.directory / "beside-flask", DOORS, bench.made, ZONES)
    python = Gunicorn(bench.directory / "flask", "jwt_app", "/unguarded")
    headers = bearer(tokens.hs256(1))
    ours = [server.side("unguarded", "unguarded", headers=headers), server.side("JWT, seen before", "jwt", headers=headers)]
    theirs = [python.side("Flask, unguarded", "/unguarded", headers=headers),
              python.side("Flask with PyJWT", "/guarded", headers=headers)]
    load.interleave("Flask", [*ours, *theirs], bench.rounds)
    for title, sides in (("Beside Flask: nginx", ours), ("Flask with PyJWT", theirs)):
        bench.result.tables.append(compare.table_of_added(title, sides))
        bench.result.data[title] = {side.name: compare.figures(side) for side in sides}
    python.process.stop()
    server.stop()
    return [Target("A request through Flask with PyJWT, of one through gate_auth jwt, CPU time",
                   compare.ratio("cpu_us", theirs[1], ours[1]), at_least=40)]


PARTS = {part.__name__: part for part in (doors, first_sight, audit, geo, njs, flask)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench/run.sh auth", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="slices of a second per guard (default 9)")
    parser.add_argument("--only", action="append", choices=PARTS, help="one part; repeatable")
    options = parser.parse_args()
    tools.require("nginx", "wrk")
    paths.require_built(paths.MODULE)

    name = "-".join(["auth", *(options.only or [])])  # a part does not replace what was measured whole
    directory = paths.fresh_directory("auth")
    bench = Bench(directory, options.rounds, report.Report(name, "bench/run.sh auth"), Tokens(directory / "made"))
    for part in options.only or PARTS:
        bench.result.targets += PARTS[part](bench)
        processes.stop_all()
    bench.result.notes.append("Over nginx's empty_gif; one worker, 16 kept-alive connections. Each guard beside an "
                              "unguarded location that gets the same requests, credentials included. CPU time: medians "
                              "of slices of a second, and of the differences and ratios of neighbouring ones. "
                              "Instructions: of requests one after another over one connection.")
    bench.result.save()


if __name__ == "__main__":
    main()
