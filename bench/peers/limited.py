"""Flask-Limiter as its users write it: three windows for every client, counted in the process."""

import flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

app = flask.Flask(__name__)
limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")


@app.route("/unguarded")
def unguarded():
    return "hello"


@app.route("/limited")
@limiter.limit("100000000/minute; 1000000000/hour; 10000000000/day")
def limited():
    return "hello"
