#!/usr/bin/env python3
"""Who is told of alerts, and misses the heartbeat: takes signed messages, and writes them down.

A stand-in for a pager or a chat, of the standard library alone. Usage: receiver.py PORT SECRET FILE
"""

import hashlib
import hmac
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def is_genuine(body, signature, secret, tolerance=300):
    """The form of X-Gatehouse-Signature: docs/alerts.md."""
    parts = dict(part.partition("=")[::2] for part in signature.split(","))
    if abs(time.time() - int(parts.get("t", "0"))) > tolerance:
        return False
    expected = hmac.new(secret.encode(), parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, parts.get("v1", ""))


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    secret, file = "", ""

    def do_GET(self):
        self.write_down({"heartbeat": self.path})
        self.answer(200)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not is_genuine(body, self.headers.get("X-Gatehouse-Signature", ""), self.secret):
            return self.answer(403)
        self.write_down(json.loads(body))
        return self.answer(204)

    def write_down(self, message):
        with open(self.file, "a", encoding="utf-8") as file:
            file.write(json.dumps(message) + "\n")

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format, *arguments):
        pass


if __name__ == "__main__":
    port, Receiver.secret, Receiver.file = sys.argv[1:]
    ThreadingHTTPServer(("127.0.0.1", int(port)), Receiver).serve_forever()
