"""gatehoused alone, and what it says of itself over its control socket."""

import http.client
import json
import os
import pathlib
import socket
import time

from . import paths, processes


class Control(http.client.HTTPConnection):
    def __init__(self, path: pathlib.Path):
        super().__init__("localhost", timeout=300)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self.path))


class Sidecar:
    """With these sources and cards, and a board file. Started again, it finds what it left."""

    def __init__(self, directory: pathlib.Path, sources: dict, cards: dict, **sections: dict):
        paths.require_built(paths.SIDECAR)
        directory.mkdir(parents=True)
        self.directory = directory
        self.process: processes.Process | None = None
        (directory / "gatehouse.json").write_text(json.dumps({
            "link": {"socket": str(directory / "link.sock")},
            "control": {"socket": str(directory / "control.sock")},
            "api": {"socket": "off"},
            "board": {"file": str(directory / "board"), "memory_limit": "1g"},
            "log": {"level": "warn"},
            "sources": sources, "cards": cards, **sections}))

    def start(self) -> float:
        """Seconds until each card has been computed, or is good as it was."""
        begun = time.monotonic()
        (self.directory / "control.sock").unlink(missing_ok=True)
        self.process = processes.Process([paths.SIDECAR, "-c", self.directory / "gatehouse.json"],
                                         self.directory / "sidecar.log")
        processes.wait_for(lambda: self.process.check() or (self.directory / "control.sock").exists(), "the control socket",
                           pause=0.005)
        processes.wait_for(lambda: all(card["restored"] or card["computations"] for card in self.status()["cards"]),
                           "every card", seconds=600, pause=0.02)
        return time.monotonic() - begun

    def stop(self) -> None:
        self.process.stop()

    def ask(self, method: str, path: str) -> dict:
        control = Control(self.directory / "control.sock")
        control.request(method, path)
        answer = json.loads(control.getresponse().read())
        control.close()
        return answer

    def status(self) -> dict:
        return self.ask("GET", "/v1/status")

    def refresh_ms(self, card: str) -> int:
        """How long its computation took."""
        return self.ask("POST", f"/v1/cards/{card}/refresh")["duration_ms"]

    def processor_seconds(self) -> float:
        """User and system time so far."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_mib(self) -> float:
        return self.process.peak_mib()
