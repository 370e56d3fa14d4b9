"""gatehoused, and an nginx that serves its board."""

import json
import pathlib

from . import load, nginx, paths, processes

SERVER = """
    gate_link {link};
    gate_board_file off;
    upstream sidecar {{
        server unix:{api};
        keepalive 64;
    }}
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location / {{ gate_board on; gate_compute @compute; }}
        location @compute {{ proxy_pass http://sidecar; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}
"""


class Gatehouse:
    """The sidecar with these sources and cards, and nginx with `workers` workers. Waits for every card that is not computed
    on demand. `more` are further sections of the configuration."""

    def __init__(self, directory: pathlib.Path, sources: dict, cards: dict, workers: int = 1, more: dict | None = None):
        paths.require_built(paths.MODULE, paths.SIDECAR)
        directory.mkdir(parents=True)
        self.link = directory / "link.sock"
        self.api = directory / "api.sock"
        self.card_paths = [card["path"] for card in cards.values() if "params" not in card]
        config = {
            "link": {"socket": str(self.link)},
            "control": {"socket": str(directory / "control.sock")},
            "api": {"socket": str(self.api)},
            "board": {"file": "off", "memory_limit": "1g"},
            "sources": sources,
            "cards": cards,
            **(more or {}),
        }
        (directory / "gatehouse.json").write_text(json.dumps(config, indent=2))
        self.sidecar = processes.Process([paths.SIDECAR, "-c", directory / "gatehouse.json"],
                                         directory / "sidecar.log")
        processes.wait_for(lambda: self.sidecar.check() or self.link.exists(), "the link's socket")
        self.port = processes.free_port()
        self.nginx = nginx.Nginx(directory / "nginx", self._server(self.port), workers, paths.MODULE)
        self._wait_for_cards(self.nginx, self.port)

    def stop(self) -> None:
        self.nginx.stop()
        self.sidecar.stop()

    def counted(self, directory: pathlib.Path) -> load.Counted:
        """The same board once more, in an nginx under callgrind."""
        port = processes.free_port()
        server = nginx.CountedNginx(directory, self._server(port), paths.MODULE)
        self._wait_for_cards(server, port)
        return load.Counted(server, port)

    def _server(self, port: int) -> str:
        return SERVER.format(link=self.link, api=self.api, port=port)

    def _wait_for_cards(self, server: nginx.Nginx, port: int) -> None:
        for path in self.card_paths:
            processes.wait_for_answer(server.process, port, path)
