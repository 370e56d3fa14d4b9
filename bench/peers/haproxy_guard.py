"""HAProxy on core 0 with a stick table, over its own answer."""

import pathlib

from harness import load, one_by_one, processes, tools

ONE_KEY = """
    stick-table type ip size 1m expire 10m store http_req_rate(60s)
    http-request track-sc0 src
    http-request deny deny_status 429 if { sc_http_req_rate(0) gt 100000000 }
"""
MANY_KEYS = """
    stick-table type string len 16 size 1m expire 10m store http_req_rate(60s)
    http-request track-sc0 url_param(k)
    http-request deny deny_status 429 if { sc_http_req_rate(0) gt 100000000 }
"""
CONFIG = """
global
    nbthread 1
    maxconn 1000
defaults
    mode http
    timeout client 600s
    timeout http-keep-alive 600s
"""
FRONTEND = """
frontend {name}
    bind 127.0.0.1:{port}
{guard}
    http-request return status 200 content-type image/gif string "a body as long as the smallest GIF there is"
"""


class HaproxyGuard:
    def __init__(self, directory: pathlib.Path):
        directory.mkdir(parents=True)
        self.ports = {name: processes.free_port() for name in ("unguarded", "one", "many")}
        config = directory / "haproxy.cfg"
        config.write_text(CONFIG + "".join(
            FRONTEND.format(name=name, port=port, guard={"one": ONE_KEY, "many": MANY_KEYS}.get(name, ""))
            for name, port in self.ports.items()))
        self.process = processes.Process(["taskset", "-c", "0", tools.find("haproxy"), "-db", "-f", config],
                                         directory / "haproxy.log")
        for port in self.ports.values():
            processes.wait_for_answer(self.process, port, "/")

    def side(self, name: str, which: str, **options) -> load.Side:
        return load.Side(name, self.ports[which], "/", [self.process.pid], **options)

    def fill(self, side: load.Side) -> None:
        one_by_one.fill(side)
