"""Three ways in which plain nginx gives the same answer: `return`, a static file, a proxy_cache hit."""

import pathlib

from harness import nginx, processes

HTTP = """
    default_type application/json;
    types {{ }}
    open_file_cache max=1000 inactive=600s;
    open_file_cache_valid 600s;
    proxy_cache_path {directory}/cache keys_zone=cache:1m inactive=600s use_temp_path=off;
    server {{
        listen 127.0.0.1:{origin_port};
        root {directory}/files;
        add_header Cache-Control "{cache_control}";
    }}
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location /static/ {{
            alias {directory}/files/;
            gzip_static on;
{static_fields}
        }}
        location /cached/ {{
            proxy_pass http://127.0.0.1:{origin_port}/;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_cache cache;
            proxy_cache_key $uri;
            proxy_cache_valid 200 600s;
{cached_fields}
        }}
        location = /return {{
{all_fields}
            return 200 '{returned}';
        }}
    }}
"""

# What nginx itself sends with a file, and what it keeps from the origin of a cached answer.
SENT_BY_NGINX = {"server", "date", "content-type", "content-length", "connection"}
OF_A_FILE = SENT_BY_NGINX | {"etag", "last-modified", "accept-ranges"}
OF_A_CACHED_FILE = OF_A_FILE | {"cache-control"}

# nginx refuses a longer parameter in its configuration.
LONGEST_RETURN = 4000


def _add_headers(fields: dict, without: set) -> str:
    lines = []
    for name, value in fields.items():
        if name.lower() not in without:
            quoted = value.replace('"', '\\"')
            lines.append(f'            add_header {name} "{quoted}";')
    return "\n".join(lines)


class NginxAnswers:
    """Serves `bodies` (name → bytes) with these response fields: /static/NAME, /cached/NAME, /return."""

    def __init__(self, directory: pathlib.Path, bodies: dict, fields: dict, returned: bytes,
                 counted: bool = False):
        files = directory / "files"
        files.mkdir(parents=True)
        for name, body in bodies.items():
            (files / name).write_bytes(body)
        self.port = processes.free_port()
        http = HTTP.format(
            directory=directory, port=self.port, origin_port=processes.free_port(),
            cache_control=fields.get("Cache-Control", "max-age=60"),
            static_fields=_add_headers(fields, OF_A_FILE),
            cached_fields=_add_headers(fields, OF_A_CACHED_FILE),
            all_fields=_add_headers(fields, SENT_BY_NGINX),
            returned=returned.decode())
        self.nginx = (nginx.CountedNginx if counted else nginx.Nginx)(directory / "nginx", http)
        processes.wait_for_answer(self.nginx.process, self.port, "/return")
