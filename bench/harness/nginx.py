"""One nginx with a directory of its own."""

import pathlib

from . import cost, processes, tools

CONFIG = """
{user}
{modules}
{processes}
pid {directory}/nginx.pid;
error_log {directory}/error.log crit;
daemon off;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    # With tcp_nopush every 64 KiB body waits 40 ms for an acknowledgement on the loopback interface.
    tcp_nopush off;
    sendfile on;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
    client_body_temp_path {directory}/temp;
    proxy_temp_path {directory}/temp;
    fastcgi_temp_path {directory}/temp;
    scgi_temp_path {directory}/temp;
    uwsgi_temp_path {directory}/temp;
{http}
}}
"""


Modules = pathlib.Path | list[pathlib.Path] | None


def _several(module: Modules) -> list[pathlib.Path]:
    return module if isinstance(module, list) else [module] if module else []


class Nginx:
    """`http` is what stands inside http {}. A single worker is pinned to core 0, several are not pinned."""

    def __init__(self, directory: pathlib.Path, http: str, workers: int = 1,
                 module: Modules = None):
        self.directory = directory
        self.worker_count = workers
        pinned = "worker_cpu_affinity 01;" if workers == 1 else ""
        self._start(http, f"worker_processes {workers}; {pinned}", module, under=[])

    def _start(self, http: str, process_directives: str, module: Modules, under: list) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        config = self.directory / "nginx.conf"
        config.write_text(CONFIG.format(
            user=processes.user_directive(),
            modules="".join(f"load_module {one};\n" for one in _several(module)),
            processes=process_directives, directory=self.directory, http=http))
        self.process = processes.Process(
            [*under, tools.find("nginx"), "-e", self.directory / "startup.log", "-c", config],
            self.directory / "nginx.log")

    def workers(self) -> list[int]:
        """Their pids; waits until they are all there."""
        def all_there():
            self.process.check()
            pids = [pid for pid in processes.children(self.process.pid)
                    if "worker process" in processes.command_line(pid)]
            return pids if len(pids) == self.worker_count else None

        return processes.wait_for(all_there, "nginx's workers")

    def stop(self) -> None:
        self.process.stop()


class CountedNginx(Nginx):
    """One process under callgrind, for counting instructions only."""

    def __init__(self, directory: pathlib.Path, http: str, module: Modules = None):
        self.directory = directory
        self.prefix = directory / "callgrind.out"
        self._start(http, "master_process off;", module,
                    under=["valgrind", "--tool=callgrind", f"--callgrind-out-file={self.prefix}"])

    def count(self, work) -> int:
        return cost.counted_by_callgrind(self.process.pid, self.prefix, work)

    def without_counting(self, work) -> None:
        """At several times the speed."""
        cost.switch_callgrind(self.process.pid, on=False)
        work()
        cost.switch_callgrind(self.process.pid, on=True)
