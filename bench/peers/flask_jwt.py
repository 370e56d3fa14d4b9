"""jwt_app.py under gunicorn with two workers."""

import os
import pathlib

from harness import load, processes, tools

WORKERS = 2


class FlaskJwt:
    def __init__(self, directory: pathlib.Path):
        directory.mkdir(parents=True)
        self.port = processes.free_port()
        bench = pathlib.Path(__file__).parent.parent
        self.process = processes.Process(
            [tools.find("gunicorn"), "-w", WORKERS, "-b", f"127.0.0.1:{self.port}", "--chdir", bench,
             "--pythonpath", bench, "peers.jwt_app:app"],
            directory / "gunicorn.log", env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        processes.wait_for_answer(self.process, self.port, "/unguarded")

    def side(self, name: str, path: str, **options) -> load.Side:
        def all_there():
            pids = processes.children(self.process.pid)
            return pids if len(pids) == WORKERS else None

        return load.Side(name, self.port, path, processes.wait_for(all_there, "gunicorn's workers"), **options)
