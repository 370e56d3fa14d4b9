"""What requests cost a process: CPU time always; user instructions and cycles from perf where it can count.

Virtual machines often have no performance counters. There the instructions are counted by callgrind, on a
second nginx with the same configuration: the same to a thousandth on every run, however busy the machine is.
"""

import dataclasses
import functools
import pathlib
import re
import subprocess
import tempfile

from . import tools


@dataclasses.dataclass
class Spent:
    cpu_us: float
    instructions: float | None = None
    cycles: float | None = None


def cpu_us(pids: list[int]) -> float:
    """Time of all threads on a core since the start, from the scheduler: in ns, where utime and stime count 10 ms ticks."""
    tasks = (task for pid in pids for task in pathlib.Path(f"/proc/{pid}/task").iterdir())
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1000


@functools.cache
def perf_counts() -> bool:
    """True if perf can count here."""
    if not tools.find("perf"):
        return False
    run = subprocess.run([tools.find("perf"), "stat", "-x,", "-e", "instructions:u,cycles", "true"],
                         capture_output=True, text=True)
    return run.returncode == 0 and "<not" not in run.stderr


def needs_callgrind() -> bool:
    return not perf_counts() and tools.find("valgrind") is not None


def how_instructions_are_counted() -> str:
    return "perf" if perf_counts() else "callgrind" if needs_callgrind() else "not at all"


class Meter:
    """Counts from its construction to read(). wrap() puts a command under perf, which counts `pids`."""

    def __init__(self, pids: list[int]):
        self.pids = pids
        self.counts = tempfile.NamedTemporaryFile(prefix="perf-") if perf_counts() else None
        self.before = cpu_us(pids)

    def wrap(self, command: list[str]) -> list[str]:
        if self.counts is None:
            return command
        return [tools.find("perf"), "stat", "-x,", "-e", "instructions:u,cycles", "-o", self.counts.name,
                "-p", ",".join(map(str, self.pids)), "--", *command]

    def read(self) -> Spent:
        spent = Spent(cpu_us(self.pids) - self.before)
        if self.counts is not None:
            for line in pathlib.Path(self.counts.name).read_text().splitlines():
                fields = line.split(",")
                if len(fields) > 2 and fields[0].isdigit():
                    attribute = "cycles" if fields[2].startswith("cycles") else "instructions"
                    setattr(spent, attribute, float(fields[0]))
        return spent


def _control(option: str, pid: int) -> None:
    subprocess.run(["callgrind_control", option, str(pid)], check=True, timeout=60,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def switch_callgrind(pid: int, on: bool) -> None:
    _control(f"--instr={'on' if on else 'off'}", pid)


def counted_by_callgrind(pid: int, output_prefix: pathlib.Path, work) -> int:
    """Instructions of a process under callgrind while `work()` runs."""
    _control("--zero", pid)
    work()
    dumps_before = set(output_prefix.parent.glob(output_prefix.name + "*"))
    _control("--dump", pid)
    dump, = set(output_prefix.parent.glob(output_prefix.name + "*")) - dumps_before
    return int(re.search(r"^summary: (\d+)", dump.read_text(), re.MULTILINE)[1])
