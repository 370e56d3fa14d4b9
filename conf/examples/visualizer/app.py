#!/usr/bin/env python3
"""What the application keeps: pages, signing in, Socket.IO; and an orchestrator.

A stand-in of the standard library alone, for this example and its test.
Usage: app.py instance PORT | app.py orchestrator PORT
"""

import base64
import hashlib
import json
import secrets
import struct
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

WEBSOCKET = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
SESSIONS = set()  # of Socket.IO: each instance knows its own alone


class Orchestrator(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(200, {"status": "healthy"})

    def answer(self, status, value, fields=()):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if isinstance(value, bytes) else "application/json")
        self.send_header("Content-Length", str(len(body)))
        # What an app says of itself: the edge has one policy in its place.
        self.send_header("X-Frame-Options", "SAMEORIGIN")
        self.send_header("Access-Control-Allow-Origin", "*")
        for name, text in fields:
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *arguments):
        pass


class Instance(Orchestrator):
    def do_GET(self):
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/health":
            return self.answer(200, {"status": "healthy"})
        if url.path == "/socket.io/":
            return self.socket_io(query)
        if url.path == "/login":
            return self.answer(200, {"user": "ada"}, [("Set-Cookie", "session=stand-in; Path=/")])
        if url.path == "/slow":
            time.sleep(float(query.get("s", "1")))
        names = ("Host", "Connection", "X-Forwarded-For", "X-Forwarded-Proto", "X-Request-Id")
        return self.answer(200, {"instance": self.server.server_port, "path": self.path,
                                 "fields": {name: self.headers.get(name) for name in names}})

    def socket_io(self, query):
        """Engine.IO 4: a handshake, polls, an upgrade; only by the instance that made the session."""
        sid = query.get("sid")
        if sid is not None and sid not in SESSIONS:
            return self.answer(400, {"code": 1, "message": "Session ID unknown"})
        if query.get("transport") == "websocket":
            return self.websocket()
        if sid is not None:
            return self.answer(200, b"6")  # noop
        sid = secrets.token_urlsafe(15)
        SESSIONS.add(sid)
        opened = {"sid": sid, "upgrades": ["websocket"], "pingInterval": 25000, "pingTimeout": 20000, "maxPayload": 1000000}
        return self.answer(200, b"0" + json.dumps(opened).encode())

    def websocket(self):
        key = self.headers.get("Sec-WebSocket-Key")
        if self.headers.get("Upgrade", "").lower() != "websocket" or not key:
            return self.answer(400, {"code": 3, "message": "Bad request"})
        accept = base64.b64encode(hashlib.sha1(key.encode() + WEBSOCKET).digest()).decode()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept)
        self.end_headers()
        self.close_connection = True
        while self.echo_frame():
            pass

    def echo_frame(self):
        """A frame of up to 125 bytes (RFC 6455, section 5.2) comes back, unmasked. False at the end."""
        head = self.rfile.read(2)
        if len(head) < 2 or head[0] & 15 == 8:
            return False
        mask = self.rfile.read(4)
        size = head[1] & 127
        text = bytes(byte ^ mask[i % 4] for i, byte in enumerate(self.rfile.read(size)))
        self.wfile.write(struct.pack("BB", head[0], size) + text)
        return True


if __name__ == "__main__":
    role, port = sys.argv[1:]
    handler = {"instance": Instance, "orchestrator": Orchestrator}[role]
    ThreadingHTTPServer.request_queue_size = 512
    ThreadingHTTPServer(("127.0.0.1", int(port)), handler).serve_forever()
