"""Where things are. Everything a comparison writes is under build/bench/."""

import os
import pathlib
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "build" / "bench"
BUILD = pathlib.Path(os.environ.get("GATEHOUSE_BUILD", ROOT / "build" / "release")).resolve()

MODULE = BUILD / "ngx_http_gatehouse_module.so"
SIDECAR = BUILD / "gatehoused"
CORE_LIBRARY = BUILD / "libgatehouse_core.a"
SIDECAR_LIBRARY = BUILD / "libgatehouse_sidecar.a"


def fresh_directory(name: str) -> pathlib.Path:
    """An empty build/bench/NAME.d."""
    directory = OUTPUT / f"{name}.d"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory


def require_built(*files: pathlib.Path) -> None:
    missing = [str(file) for file in files if not file.exists()]
    if missing:
        sys.exit(f"bench: not built: {' '.join(missing)}\n  build it:  scripts/build.sh release")
