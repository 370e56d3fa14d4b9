#!/usr/bin/env python3
"""What the Django application keeps: pages, sessions in its database, and a word about itself.

A stand-in of the standard library alone, for this example and its test.
Usage: app.py PORT DATABASE PID_FILE
"""

import json
import os
import sqlite3
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SESSIONS = """create table if not exists django_session (
    session_key varchar(40) not null primary key, session_data text not null, expire_date datetime not null)"""


def migrate(database):
    """As `manage.py migrate` does, and a session that has expired beside three that have not."""
    connection = sqlite3.connect(database)
    connection.execute("pragma journal_mode = wal")
    connection.execute(SESSIONS)
    for number, days in enumerate((-1, 1, 7, 14)):
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + days * 86400))
        connection.execute("insert or replace into django_session values (?, ?, ?)", (f"stand-in-{number}", "", at))
    connection.commit()
    connection.close()


class App(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/internal/health":
            return self.answer(200, {"status": "healthy"})
        fields = {name: self.headers.get(name) for name in ("Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Request-Id")}
        return self.answer(200, {"path": self.path, "fields": fields})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", "sessionid=stand-in; HttpOnly; Path=/")
        self.send_header("X-Frame-Options", "SAMEORIGIN")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *arguments):
        pass


if __name__ == "__main__":
    port, database, pid_file = sys.argv[1:]
    migrate(database)
    server = ThreadingHTTPServer(("127.0.0.1", int(port)), App)
    with open(pid_file, "w", encoding="ascii") as file:
        file.write(f"{os.getpid()}\n")
    server.serve_forever()
