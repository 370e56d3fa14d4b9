"""Child processes that end with the comparison, and waiting on conditions."""

import atexit
import http.client
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

_started: list["Process"] = []


# Where the scheduler groups processes by session (sched_autogroup), nice counts only within a session.
URGENT = 'echo -10 2>/dev/null >/proc/self/autogroup; exec nice -n -15 "$@"'


def urgent(command: list) -> list:
    """Before whatever else the machine does, where we may: a slice in which others ran says little."""
    return ["setsid", "sh", "-c", URGENT, "sh", *command] if os.geteuid() == 0 else command


class Process:
    """A program of ours, with its output in a file; ended by its own pid, whatever happens."""

    def __init__(self, command: list, log: pathlib.Path, **options):
        self.log = log
        with open(log, "ab") as output:
            self.popen = subprocess.Popen([str(word) for word in urgent(command)], stdout=output,
                                          stderr=output, stdin=subprocess.DEVNULL, **options)
        self.pid = self.popen.pid
        _started.append(self)

    def check(self) -> None:
        if self.popen.poll() is not None:
            tail = self.log.read_text(errors="replace")[-2000:]
            sys.exit(f"bench: {self.popen.args[0]} ended with {self.popen.returncode}:\n{tail}")

    def peak_mib(self) -> float:
        """Of what has been resident: snapshots included, which are shared memory."""
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024

    def stop(self) -> None:
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
            try:
                self.popen.wait(10)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()


def stop_all() -> None:
    for process in reversed(_started):
        process.stop()
    _started.clear()


atexit.register(stop_all)
for _signal in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(_signal, lambda *_: sys.exit(1))


def children(pid: int) -> list[int]:
    listed = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in listed.split()]


def command_line(pid: int) -> str:
    return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def wait_for(condition, what: str, seconds: float = 30, pause: float = 0.02):
    """The first true value of `condition`; ends the program after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(pause)
    sys.exit(f"bench: waited {seconds:g} s in vain for {what}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(port: int, path: str, headers: dict | None = None, method: str = "GET"):
    """(status, fields as a list of pairs, body); None if nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, headers={"Accept-Encoding": "identity", **(headers or {})})
        response = connection.getresponse()
        return response.status, response.getheaders(), response.read()
    except OSError:
        return None
    finally:
        connection.close()


def wait_for_answer(process: Process, port: int, path: str, seconds: float = 60):
    def answer():
        process.check()
        response = get(port, path)
        return response if response and response[0] == 200 else None

    return wait_for(answer, f"200 on {path}", seconds)


def user_directive() -> str:
    """nginx drops root for a user who may not read a checkout in somebody's home."""
    return "user root;" if os.geteuid() == 0 else ""
