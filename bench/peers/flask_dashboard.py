"""dashboard.py under gunicorn with four workers, as its users run it: on all cores."""

import os
import pathlib

from harness import processes, tools

WORKERS = 4


class FlaskDashboard:
    def __init__(self, directory: pathlib.Path, csv: pathlib.Path):
        directory.mkdir(parents=True)
        self.port = processes.free_port()
        here = pathlib.Path(__file__).parent
        self.process = processes.Process(
            [tools.find("gunicorn"), "-w", WORKERS, "-b", f"127.0.0.1:{self.port}", "--chdir", here,
             "--pythonpath", here, "dashboard:app"],
            directory / "gunicorn.log",
            env={**os.environ, "BENCH_CSV": str(csv), "PYTHONDONTWRITEBYTECODE": "1"})
        processes.wait_for_answer(self.process, self.port, "/cached")

    def workers(self) -> list[int]:
        def all_there():
            pids = processes.children(self.process.pid)
            return pids if len(pids) == WORKERS else None

        return processes.wait_for(all_there, "gunicorn's workers")
