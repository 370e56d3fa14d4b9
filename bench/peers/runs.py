"""A dashboard's look-up as Flask users write it: rows of one run from SQLite, and a dict that keeps the finished text."""

import os
import sqlite3

import flask

app = flask.Flask(__name__)
cache: dict[int, bytes] = {}


def database() -> sqlite3.Connection:
    if "database" not in flask.g:
        flask.g.database = sqlite3.connect(os.environ["BENCH_SQLITE"])
        flask.g.database.row_factory = sqlite3.Row
    return flask.g.database


@app.teardown_appcontext
def close(_error):
    if "database" in flask.g:
        flask.g.pop("database").close()


@app.route("/api/run")
def run():
    key = flask.request.args.get("k", type=int)
    if key not in cache:
        rows = database().execute("select time, value from points where run = ? order by time", (key,)).fetchall()
        cache[key] = flask.jsonify([dict(row) for row in rows]).get_data()
    return flask.Response(cache[key], mimetype="application/json")
