"""One nginx with a location for each guard over the same empty_gif, ours and nginx's own."""

import pathlib
import re

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
    "/unguarded": "",
    "/limit_req": "limit_req zone=req; limit_req_status 429;",
    "/rate": "gate_limit zone=rate;",
    "/quota": "gate_limit zone=quota;",
    "/page": "return 429;",
}

# Path → what stands in the location.
LIMIT_REQ = "limit_req zone=req burst=10000000 nodelay;"
LIMIT_CONN = "limit_conn conn 10000;"
GATE_RATE = "gate_limit zone=rate burst=10000000 nodelay;"
GATE_QUOTA = "gate_limit zone=quota;"
GATE_CONN = "gate_conn zone=cap 10000;"
NO_FIELDS = " gate_limit_headers off;"


class NginxGuards:
    """`locations`: path → directives; over empty_gif unless they answer themselves."""

    def __init__(self, directory: pathlib.Path, zones: str, locations: dict[str, str], workers: int = 1,
                 module: nginx.Modules = paths.MODULE, ready: str = "/unguarded"):
        self.zones, self.locations, self.module, self.ready = zones, locations, module, ready
        self.port = processes.free_port()
        self.nginx = nginx.Nginx(directory, self._http(self.port, workers), workers, module)
        processes.wait_for_answer(self.nginx.process, self.port, ready)
        self.counted = self._counted(directory / "counted") if workers == 1 and cost.needs_callgrind() else None

    def side(self, name: str, path: str, **options) -> load.Side:
        return load.Side(name, self.port, path, self.nginx.workers(), counted=self.counted, **options)

    def fill(self, side: load.Side) -> None:
        one_by_one.fill(side)
        if side.counted:
            side.counted.server.without_counting(lambda: one_by_one.fill(side, side.counted.port))

    def refusal(self, path: str) -> tuple:
        """Fields and text of a 429, after which everybody who asks is refused."""
        for port in (self.port, *([self.counted.port] if self.counted else [])):
            status, fields, text = processes.wait_for(lambda: _refused(processes.get(port, path)), "a 429", 10)
        return fields, text

    def pushed_out(self) -> int:
        """Clients of our zones that lost their place while they were limited."""
        text = processes.get(self.port, "/metrics")[2].decode()
        return sum(int(value) for value in re.findall(r"^gatehouse_limit_evicted_active_total\S* (\d+)", text, re.M))

    def stop(self) -> None:
        self.nginx.stop()
        if self.counted:
            self.counted.server.stop()

    def _counted(self, directory: pathlib.Path) -> load.Counted:
        port = processes.free_port()
        server = nginx.CountedNginx(directory, self._http(port, 1), self.module)
        processes.wait_for_answer(server.process, port, self.ready)
        return load.Counted(server, port, one_by_one.ask)

    def _http(self, port: int, workers: int) -> str:
        switches = "gate_link off; gate_board_file off;" if self.module == paths.MODULE else ""
        metrics = "location = /metrics { gate_metrics prometheus; }" if self.module == paths.MODULE else ""
        # Without reuseport the first worker may take all connections.
        spread = " reuseport" if workers > 1 else ""
        locations = "\n".join(
            f"        location = {path} {{ {text}{'' if 'return' in text else ' empty_gif;'} }}"
            for path, text in self.locations.items())
        return f"""
    {switches}
    {self.zones}
    server {{
        listen 127.0.0.1:{port} backlog=1024{spread};
{locations}
        {metrics}
    }}
"""


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
    """The same text, and fields of the same names and sizes: seconds pass in some of them."""
    def shape(fields: list, text: bytes) -> tuple:
        return sorted((name.lower(), len(value)) for name, value in fields), text

    expected = shape(*server.refusal(guarded))
    for found in (shape(*server.refusal(returned)), shape(*other.refusal(returned))):
        if found != expected:
            raise SystemExit(f"bench: return 429 answers {found} instead of {expected}")
