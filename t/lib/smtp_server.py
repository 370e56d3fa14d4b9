"""A mail server for one client at a time: takes every mail, and notes it as a line of JSON.

    smtp_server.py PORT OUT [plain|starttls|tls [CERTIFICATE KEY]]

Recipients that begin with "gone" are refused with 550, all mail from "busy" with 451. After `starttls` nothing but STARTTLS
is taken before the connection is encrypted; an account is asked for where there is TLS.
"""

import base64
import json
import socket
import ssl
import sys


class Session:
    def __init__(self, connection, mode, context, out):
        self.connection, self.mode, self.context, self.out = connection, mode, context, out
        self.encrypted, self.account = False, None
        if mode == "tls":
            self.encrypt()
        self.stream = self.connection.makefile("rb")
        self.mail = {"from": None, "to": []}

    def encrypt(self):
        self.connection = self.context.wrap_socket(self.connection, server_side=True)
        self.encrypted = True

    def say(self, text):
        self.connection.sendall(text.encode() + b"\r\n")

    def run(self):
        self.say("220 test ESMTP")
        while line := self.stream.readline():
            verb, _, rest = line.decode("latin-1").strip().partition(" ")
            handler = getattr(self, "on_" + verb.lower(), None)
            if handler is None:
                self.say("502 unknown")
            elif handler(rest):
                return

    def on_ehlo(self, _):
        offers = ["test"]
        if self.mode == "starttls" and not self.encrypted:
            offers.append("STARTTLS")
        if self.encrypted:
            offers.append("AUTH PLAIN")
        for offer in offers[:-1]:
            self.say("250-" + offer)
        self.say("250 " + offers[-1])

    def on_starttls(self, _):
        self.say("220 go on")
        self.encrypt()
        self.stream = self.connection.makefile("rb")

    def on_auth(self, rest):
        method, _, initial = rest.partition(" ")
        if not initial:
            self.say("334 ")
            initial = self.stream.readline().decode().strip()
        _, user, password = base64.b64decode(initial).decode().split("\0")
        if password != "tr0ub4dor":
            self.say("535 no")
            return
        self.account = user
        self.say("235 yes")

    def on_mail(self, rest):
        if self.mode == "starttls" and not self.encrypted:
            self.say("530 STARTTLS first")
            return
        sender = rest[rest.find("<") + 1 : rest.find(">")]
        self.mail = {"from": sender, "to": []}
        self.say("451 busy" if sender.startswith("busy") else "250 ok")

    def on_rcpt(self, rest):
        to = rest[rest.find("<") + 1 : rest.find(">")]
        if to.startswith("gone"):
            self.say("550 gone")
            return
        self.mail["to"].append(to)
        self.say("250 ok")

    def on_data(self, _):
        self.say("354 go on")
        lines = []
        while (line := self.stream.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        mail = dict(self.mail, data=b"".join(lines).decode("latin-1"), encrypted=self.encrypted, account=self.account)
        with open(self.out, "a", encoding="utf-8") as out:
            out.write(json.dumps(mail) + "\n")
        self.say("250 taken")

    def on_rset(self, _):
        self.say("250 ok")

    def on_noop(self, _):
        self.say("250 ok")

    def on_quit(self, _):
        self.say("221 bye")
        return True


def main(port, out, mode="plain", certificate=None, key=None):
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", int(port))) as listener:
        while True:
            connection, _ = listener.accept()
            try:
                Session(connection, mode, context, out).run()
            except (OSError, ValueError) as error:
                print(error, file=sys.stderr)
            finally:
                connection.close()


main(*sys.argv[1:])
