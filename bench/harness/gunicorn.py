"""An app of bench/peers under gunicorn."""

import os
import pathlib

from . import load, processes, tools

BENCH = pathlib.Path(__file__).parent.parent


class Gunicorn:
    """`app` is a module of bench/peers; `ready` a path that it answers."""

    def __init__(self, directory: pathlib.Path, app: str, ready: str, workers: int = 2, environment: dict | None = None):
        directory.mkdir(parents=True)
        self.port = processes.free_port()
        self._worker_count = workers
        self.process = processes.Process(
            [tools.find("gunicorn"), "-w", workers, "-b", f"127.0.0.1:{self.port}", "--chdir", BENCH,
             "--pythonpath", BENCH, f"peers.{app}:app"],
            directory / "gunicorn.log", env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})})
        processes.wait_for_answer(self.process, self.port, ready)

    def side(self, name: str, path: str, **options) -> load.Side:
        return load.Side(name, self.port, path, self.workers(), **options)

    def workers(self) -> list[int]:
        def all_there():
            pids = processes.children(self.process.pid)
            return pids if len(pids) == self._worker_count else None

        return processes.wait_for(all_there, "gunicorn's workers")
