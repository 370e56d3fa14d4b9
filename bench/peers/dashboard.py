"""The dashboard's API as Flask users write it: pandas reads the CSV and Flask makes JSON of its records, on
every request, or once: a dict that keeps the finished text is the least a cache such as Flask-Caching costs.
"""

import os

import flask
import pandas

app = flask.Flask(__name__)
cache: dict[str, bytes] = {}


def records() -> flask.Response:
    return flask.jsonify(pandas.read_csv(os.environ["BENCH_CSV"]).to_dict("records"))


@app.route("/uncached")
def uncached():
    return records()


@app.route("/cached")
def cached():
    key = flask.request.path
    if key not in cache:
        cache[key] = records().get_data()
    return flask.Response(cache[key], mimetype="application/json")
