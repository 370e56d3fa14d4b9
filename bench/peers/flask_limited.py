"""limited.py under gunicorn with two workers. Each counts for itself: together they admit twice the limit."""

import os
import pathlib

from harness import load, processes, tools

WORKERS = 2


class FlaskLimited:
    def __init__(self, directory: pathlib.Path):
        directory.mkdir(parents=True)
        self.port = processes.free_port()
        here = pathlib.Path(__file__).parent
        self.process = processes.Process(
            [tools.find("gunicorn"), "-w", WORKERS, "-b", f"127.0.0.1:{self.port}", "--chdir", here,
             "--pythonpath", here, "limited:app"],
            directory / "gunicorn.log", env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        processes.wait_for_answer(self.process, self.port, "/limited")

    def side(self, name: str, path: str) -> load.Side:
        return load.Side(name, self.port, path, self._workers())

    def _workers(self) -> list[int]:
        def all_there():
            pids = processes.children(self.process.pid)
            return pids if len(pids) == WORKERS else None

        return processes.wait_for(all_there, "gunicorn's workers")
