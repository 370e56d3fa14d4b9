#!/usr/bin/env python3
"""What the app keeps: pages, orders that are placed, and the state of its own services.

A stand-in of the standard library alone, for this example and its test. Usage: app.py PORT
"""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SERVICES = [
    {"service": "checkout", "up": True, "latency_ms": 12.5},
    {"service": "search", "up": True, "latency_ms": 48.0},
    {"service": "mail", "up": False, "latency_ms": None},
]


class App(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        # What an app says of itself: the edge has one policy in its place.
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("X-Powered-By", "stand-in")
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/internal/stats.json":
            if self.headers.get("X-Internal-Token") != "stand-in":
                return self.answer(403, {"detail": "no token"})
            return self.answer(200, {"status": "healthy", "services": SERVICES})
        if self.path == "/internal/health":
            return self.answer(200, {"status": "healthy"})
        if self.path.startswith("/slow"):
            time.sleep(float(self.path.partition("?")[2] or "1"))
        if self.path == "/api/live/feed" and self.headers.get("Upgrade"):
            return self.answer(200, {"connection": self.headers.get("Connection")})
        self.answer(200, {"path": self.path, "user": self.headers.get("X-Forwarded-User"),
                          "connection": self.headers.get("Connection")})

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer(201, {"user": self.headers.get("X-Forwarded-User")})

    def log_message(self, format, *arguments):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer.request_queue_size = 512
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), App).serve_forever()
