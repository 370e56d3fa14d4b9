"""One nginx with a location for each way in, over the same empty_gif: ours, nginx's own, and njs."""

import base64
import hashlib
import json
import pathlib
import subprocess

from harness import paths, processes, tools
from peers import nginx_guards, tokens

USER, PASSWORD = "ada", "correct horse"

NJS = f"""
const crypto = require('crypto');
function bearer(r) {{
    const header = r.headersIn.Authorization || '';
    const parts = header.slice(7).split('.');
    if (parts.length != 3) return '0';
    const head = JSON.parse(Buffer.from(parts[0], 'base64url').toString());
    if (head.alg !== 'HS256') return '0';
    const mac = crypto.createHmac('sha256', '{tokens.SECRET}').update(parts[0] + '.' + parts[1]).digest('base64url');
    if (mac !== parts[2]) return '0';
    const claims = JSON.parse(Buffer.from(parts[1], 'base64url').toString());
    return claims.exp > Date.now() / 1000 ? '1' : '0';
}}
export default {{ bearer }};
"""


def write_passwords(file: pathlib.Path) -> None:
    digest = base64.b64encode(hashlib.sha1(PASSWORD.encode()).digest()).decode()
    file.write_text(f"{USER}:{{SHA}}{digest}\n")


def basic() -> dict:
    return {"Authorization": "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()}


class Tokens:
    """An API token, made by gatehousectl, and the tables that nginx starts from without the sidecar."""

    def __init__(self, directory: pathlib.Path):
        paths.require_built(paths.SIDECAR, paths.BUILD / "gatehousectl")
        directory.mkdir(parents=True)
        self.board = directory / "board"
        control = directory / "control.sock"
        config = {"link": {"socket": str(directory / "link.sock")}, "control": {"socket": str(control)}, "api": {"socket": "off"},
                  "board": {"file": str(self.board)}, "state": {"path": str(directory / "state.db")}}
        (directory / "gatehouse.json").write_text(json.dumps(config))
        sidecar = processes.Process([paths.SIDECAR, "-c", directory / "gatehouse.json"], directory / "sidecar.log")
        processes.wait_for(lambda: sidecar.check() or control.exists(), "the control socket")
        self.text = processes.wait_for(lambda: self._create(control), "a token")
        sidecar.stop()

    @staticmethod
    def _create(control: pathlib.Path) -> str | None:
        run = subprocess.run([paths.BUILD / "gatehousectl", "-s", control, "token", "create", "bench",
                              "--user", "ada", "--scope", "read"], capture_output=True, text=True)
        return run.stdout.strip() if run.returncode == 0 else None


class NginxDoors(nginx_guards.NginxGuards):
    """As NginxGuards, with the board file of `made`."""

    def __init__(self, directory: pathlib.Path, guards: dict[str, str], made: Tokens, zones: str = ""):
        self.made = made
        directory.mkdir(parents=True, exist_ok=True)
        self.secret = directory / "secret"
        self.secret.write_text(tokens.SECRET)
        self.secret.chmod(0o600)
        self.passwords = directory / "passwords"
        write_passwords(self.passwords)
        filled = {name: text.format(secret=self.secret, passwords=self.passwords) for name, text in guards.items()}
        super().__init__(directory, zones, filled)

    def switches(self) -> str:
        return f"gate_link off; gate_board_file {self.made.board};\n"


class NginxNjs(nginx_guards.NginxGuards):
    def __init__(self, directory: pathlib.Path):
        tools.require("njs")
        directory.mkdir(parents=True, exist_ok=True)
        script = directory / "bearer.js"
        script.write_text(NJS)
        zones = f"js_path {directory}; js_import bearer from bearer.js; js_set $bearer bearer.bearer;\n"
        super().__init__(directory, zones, {"unguarded": "", "njs": "if ($bearer = 0) { return 401; }"},
                         module=tools.NJS)
