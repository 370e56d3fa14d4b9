"""Requests one by one, where wrk's choice of how many and when would show in what is counted."""

import random
import socket

from . import load

# What fits into the sockets' buffers: all are sent before the first answer is read.
PIPELINED = 200


class _Connection:
    def __init__(self, side: load.Side, port: int):
        self.side = side
        self.status = b"HTTP/1.1 429" if side.refused else b"HTTP/1.1 200"
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.rest = b""

    def request(self, query: str = "", token: str = "") -> bytes:
        fields = {"Host": "bench", **self.side.headers, **({"Authorization": f"Bearer {token}"} if token else {})}
        lines = [f"GET {self.side.path}{query} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def read(self, answers: int) -> int:
        """Until at least one of `answers` more has come; returns how many."""
        received = self.socket.recv(1 << 18)
        text = self.rest + received
        found = text.count(self.status)
        if not received or found > answers:
            raise SystemExit(f"bench: {self.side.name} answered {text[:100]!r} instead of {self.status!r}")
        self.rest = text[-11:]  # shorter than what is counted
        return found


def fill(side: load.Side, port: int | None = None) -> None:
    """?k=0 to ?k=N-1, each once, over one connection; `port` unless it is the side's own."""
    connection = _Connection(side, port or side.port)
    for first in range(0, side.keys, PIPELINED):
        keys = range(first, min(first + PIPELINED, side.keys))
        connection.socket.sendall(b"".join(connection.request(f"?k={key}") for key in keys))
        answered = 0
        while answered < len(keys):
            answered += connection.read(len(keys) - answered)


def ask(side: load.Side, port: int, requests: int) -> None:
    """One after another over one connection, so that nothing but they differ from one run to the next."""
    connection = _Connection(side, port)
    chosen = random.Random(7)
    tokens = side.tokens.read_text().split() if side.tokens else [""]
    first, side.asked = side.asked, side.asked + requests
    for number in range(first, first + requests):
        query = f"?k={chosen.randrange(side.keys)}" if side.keys else ""
        connection.socket.sendall(connection.request(query, tokens[number % len(tokens)]))
        while not connection.read(1):
            pass
