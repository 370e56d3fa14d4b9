"""One nginx with a location for each guard over the same empty_gif, ours and nginx's own."""

import pathlib
import re
import sys

from harness import cost, load, nginx, one_by_one, paths, processes

# Three windows that refuse nobody, in which a client who comes back after a while still counts.
QUOTA = "100000000/minute; 1000000000/hour; 10000000000/day"
QUOTA_OF_MANY = "100/minute; 300/hour; 1000/day"

# Zones are as small as they may be without one client pushing out another.
LIMIT_REQ_BYTES = 136
RATE_BYTES = 24
QUOTA_BYTES = 72


def zone_size(clients: int, bytes_each: int) -> int:
    """In KiB; nginx wants 32 pages at least."""
    return max(256, clients * bytes_each // 1024)


def zones_of_one(key: str) -> str:
    """Rates and quotas that nobody exceeds, and whose state is never that of a new client."""
    return f"""
    limit_req_zone {key} zone=req:1m rate=100000r/s;
    limit_conn_zone {key} zone=conn:1m;
    gate_limit_zone {key} zone=rate:1m rate=100000r/s;
    gate_limit_zone {key} zone=quota:1m quota="{QUOTA}";
    gate_conn_zone {key} zone=cap:1m;
"""


def zones_of_many(clients: int) -> str:
    def zone(name: str, each: int) -> str:
        return f"zone={name}:{zone_size(clients, each)}k"

    return f"""
    limit_req_zone $arg_k {zone("req", LIMIT_REQ_BYTES)} rate=30r/m;
    gate_limit_zone $arg_k {zone("rate", RATE_BYTES)} rate=30r/m;
    gate_limit_zone $arg_k {zone("quota", QUOTA_BYTES)} quota="{QUOTA_OF_MANY}";
"""


# limit_req admits one a minute at least.
ZONES_THAT_REFUSE = """
    limit_req_zone $binary_remote_addr zone=req:1m rate=1r/m;
    gate_limit_zone $binary_remote_addr zone=rate:1m rate=1r/m;
    gate_limit_zone $binary_remote_addr zone=quota:1m quota="1/day; 10/month; 100/year";
"""
REFUSING = {
    "unguarded": "",
    "limit_req": "limit_req zone=req; limit_req_status 429;",
    "rate": "gate_limit zone=rate;",
    "quota": "gate_limit zone=quota;",
    "page": "return 429;",
}

LIMIT_REQ = "limit_req zone=req burst=10000000 nodelay;"
LIMIT_CONN = "limit_conn conn 10000;"
GATE_RATE = "gate_limit zone=rate burst=10000000 nodelay;"
GATE_QUOTA = "gate_limit zone=quota;"
QUOTA_FIELDS = "".join(f'add_header {name} "{value}";' for name, value in (
    ("RateLimit-Policy", r"\"100000000/minute\";q=100000000;w=60, \"1000000000/hour\";q=1000000000;w=3600, "
                         r"\"10000000000/day\";q=10000000000;w=86400"),
    ("RateLimit", r"\"100000000/minute\";r=99999999;t=1")))
GATE_CONN = "gate_conn zone=cap 10000;"
NO_FIELDS = " gate_limit_headers off;"


class NginxGuards:
    """`guards`: name → directives, each over empty_gif in a server of its own, so that nginx's way to it is the same.
    One of them is called unguarded.
    """

    def __init__(self, directory: pathlib.Path, zones: str, guards: dict[str, str], workers: int = 1,
                 module: nginx.Modules = paths.MODULE):
        self.zones, self.guards, self.module = zones, guards, module
        self.ports = self._free_ports()
        self.nginx = nginx.Nginx(directory, self._http(self.ports, workers), workers, module)
        processes.wait_for_answer(self.nginx.process, self.ports["unguarded"], "/")
        self.counted = None
        if workers == 1 and cost.needs_callgrind():
            self.counted_ports = self._free_ports()
            self.counted = nginx.CountedNginx(directory / "counted", self._http(self.counted_ports, 1), module)
            processes.wait_for_answer(self.counted.process, self.counted_ports["unguarded"], "/")

    def side(self, name: str, guard: str, **options) -> load.Side:
        counted = load.Counted(self.counted, self.counted_ports[guard], one_by_one.ask) if self.counted else None
        return load.Side(name, self.ports[guard], "/", self.nginx.workers(), counted=counted, **options)

    def fill(self, side: load.Side) -> None:
        one_by_one.fill(side)
        if side.counted:
            side.counted.server.without_counting(lambda: one_by_one.fill(side, side.counted.port))

    def refusal(self, guard: str) -> tuple:
        """Fields and text of a 429, after which everybody who asks is refused."""
        for ports in (self.ports, *([self.counted_ports] if self.counted else [])):
            _, fields, text = processes.wait_for(lambda: _refused(processes.get(ports[guard], "/")), "a 429", 10)
        return fields, text

    def pushed_out(self) -> int:
        """Clients of our zones that lost their place while they were limited."""
        text = processes.get(self.ports["metrics"], "/")[2].decode()
        found = re.findall(r"^gatehouse_limit_evicted_active_total\S* (\d+)", text, re.M)
        return sum(map(int, found)) if found else sys.exit("bench: gate_metrics does not say who was pushed out")

    def stop_counting(self) -> None:
        if self.counted:
            self.counted.stop()
            self.counted = None

    def stop(self) -> None:
        self.nginx.stop()
        self.stop_counting()

    def _free_ports(self) -> dict[str, int]:
        names = (*self.guards, "metrics")
        ports = set()
        while len(ports) < len(names):
            ports.add(processes.free_port())
        return dict(zip(names, ports))

    def switches(self) -> str:
        return "gate_link off; gate_board_file off;\n"

    def _http(self, ports: dict[str, int], workers: int) -> str:
        # Without reuseport the first worker may take all connections.
        spread = " reuseport" if workers > 1 else ""
        answers = {name: text if "return" in text else text + " empty_gif;" for name, text in self.guards.items()}
        switches = ""
        if self.module == paths.MODULE:
            switches = self.switches()
            answers["metrics"] = "gate_metrics prometheus;"
        return switches + self.zones + "".join(
            f"server {{ listen 127.0.0.1:{ports[name]} backlog=1024{spread}; location / {{ {text} }} }}\n"
            for name, text in answers.items())


def _refused(answer: tuple) -> tuple | None:
    return answer if answer[0] == 429 else None


SENT_BY_NGINX = {"server", "date", "content-type", "content-length", "connection"}


def location_returning(fields: list, text: bytes) -> str:
    """`return 429` with that text and those fields."""
    lines = [f"default_type {dict(fields)['Content-Type']};"]
    for name, value in fields:
        if name.lower() not in SENT_BY_NGINX:
            quoted = value.replace("\"", "\\\"")
            lines.append(f'add_header {name} "{quoted}" always;')
    return " ".join([*lines, f"return 429 '{text.decode()}';"])


def require_same_refusal(server: NginxGuards, other: NginxGuards, guarded: str, returned: str) -> None:
    """A text and fields of the same sizes: each has a number of its own, and seconds pass."""
    def shape(fields: list, text: bytes) -> tuple:
        return sorted((name.lower(), len(value)) for name, value in fields), len(text)

    expected = shape(*server.refusal(guarded))
    for found in (shape(*server.refusal(returned)), shape(*other.refusal(returned))):
        if found != expected:
            raise SystemExit(f"bench: return 429 answers {found} instead of {expected}")
