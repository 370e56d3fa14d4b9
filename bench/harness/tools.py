"""The programs a comparison needs, and the Debian packages they come in."""

import importlib.util
import os
import pathlib
import shutil
import sys

PACKAGES = {
    "nginx": "nginx",
    "wrk": "wrk",
    "g++": "build-essential",
    "valgrind": "valgrind",
    "benchmark": "libbenchmark-dev",
    "gunicorn": "gunicorn",
    "haproxy": "haproxy",
    "lua": "libnginx-mod-http-lua lua-resty-core",
    "njs": "libnginx-mod-http-js",
    "flask": "python3-flask",
    "flask_limiter": "python3-flask-limiter",
    "jwt": "python3-jwt",
    "pandas": "python3-pandas",
    "sklearn": "python3-sklearn",
    # Without it NumPy runs on the reference BLAS, and Python would be measured slower than it is.
    "openblas": "libopenblas0-pthread",
}
MODULES = {"flask", "flask_limiter", "jwt", "pandas", "sklearn"}
NJS = pathlib.Path("/usr/lib/nginx/modules/ngx_http_js_module.so")
# Debian's, with the kit it needs.
LUA = [pathlib.Path("/usr/lib/nginx/modules") / f"{name}_module.so" for name in ("ndk_http", "ngx_http_lua")]


def find(program: str) -> str | None:
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def _is_there(tool: str) -> bool:
    if tool == "openblas":
        return any(os.path.exists(f"/usr/lib/{machine}-linux-gnu/openblas-pthread/libblas.so.3")
                   for machine in ("x86_64", "aarch64"))
    if tool == "benchmark":
        return os.path.exists("/usr/include/benchmark/benchmark.h")
    if tool == "lua":
        return all(module.exists() for module in LUA) and os.path.exists("/usr/share/lua/5.1/resty/core.lua")
    if tool == "njs":
        return NJS.exists()
    if tool in MODULES:
        return importlib.util.find_spec(tool) is not None
    return find(tool) is not None


def require(*tools: str) -> None:
    """Ends the program with the command that installs what is missing."""
    missing = sorted({PACKAGES[tool] for tool in tools if not _is_there(tool)})
    if missing:
        sys.exit(f"bench: missing packages: {' '.join(missing)}\n"
                 f"  install them:  sudo apt-get install -y --no-install-recommends {' '.join(missing)}")


def has(*tools: str) -> bool:
    return all(_is_there(tool) for tool in tools)
