"""OpenResty's way: a leaky bucket in access_by_lua. Debian has no lua-resty-limit-traffic; leaky_bucket.lua
does what its resty.limit.req does.
"""

import pathlib

from harness import tools
from peers.nginx_guards import NginxGuards

ZONES = """
    lua_package_path "{here}/?.lua;/usr/share/lua/5.1/?.lua;;";
    lua_shared_dict buckets 64m;
    init_by_lua_block {{ require "resty.core"; leaky_bucket = require "leaky_bucket" }}
"""


def start(directory: pathlib.Path) -> NginxGuards:
    return NginxGuards(directory, ZONES.format(here=pathlib.Path(__file__).parent), {
        "unguarded": "",
        "one": "access_by_lua_block { leaky_bucket(ngx.var.binary_remote_addr, 100000, 10000000) }",
        "many": "access_by_lua_block { leaky_bucket(ngx.var.arg_k, 0.5, 10000000) }",
    }, module=tools.LUA)
