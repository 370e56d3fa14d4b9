"""A PostgreSQL of the comparison's own, on a Unix socket, with data that are gone with it."""

import os
import pathlib
import pwd
import subprocess

from harness import processes


def programs() -> pathlib.Path | None:
    """Where the newest installed version has its programs; nothing: there is none."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return found[-1] if found else None


class Postgres:
    def __init__(self, directory: pathlib.Path):
        directory.mkdir(parents=True)
        self.directory, self.programs = directory, programs()
        self.user = {}
        if os.geteuid() == 0:  # it refuses to be run by root
            postgres = pwd.getpwnam("postgres")
            os.chown(directory, postgres.pw_uid, postgres.pw_gid)
            self.user = {"user": postgres.pw_uid, "group": postgres.pw_gid, "extra_groups": []}
        self._run("initdb", "-D", directory / "data", "-A", "trust", "-U", "bench", "--no-sync", "-E", "UTF8", "--locale=C")
        self.process = processes.Process(
            [self.programs / "postgres", "-D", directory / "data", "-c", "listen_addresses=",
             "-c", f"unix_socket_directories={directory}", "-c", "fsync=off"], directory / "log", cwd="/", **self.user)
        processes.wait_for(lambda: self.process.check() or (directory / ".s.PGSQL.5432").exists(), "PostgreSQL's socket")
        processes.wait_for(lambda: self._psql("select 1").returncode == 0, "PostgreSQL")

    @property
    def url(self) -> str:
        return f"postgresql:///postgres?host={self.directory}&user=bench"

    def sql(self, text: str) -> None:
        done = self._psql(text)
        if done.returncode != 0:
            raise SystemExit(f"bench: psql: {done.stderr}")

    def pids(self) -> list[int]:
        """The server's and its backends' as of now."""
        return [self.process.pid, *processes.children(self.process.pid)]

    def stop(self) -> None:
        self.process.stop()

    def _psql(self, text: str) -> subprocess.CompletedProcess:
        return subprocess.run([self.programs / "psql", "-qX", "-v", "ON_ERROR_STOP=1", "-d", self.url, "-c", text],
                              capture_output=True, text=True, cwd="/")

    def _run(self, program: str, *arguments) -> None:
        done = subprocess.run([self.programs / program, *map(str, arguments)], capture_output=True, text=True, cwd="/",
                              **self.user)
        if done.returncode != 0:
            raise SystemExit(f"bench: {program}: {done.stderr}")
