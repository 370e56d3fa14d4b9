"""A JWT asked for as Flask's users do it: PyJWT in a decorator."""

import functools

import flask
import jwt

from peers import tokens

app = flask.Flask(__name__)


def token_required(view):
    @functools.wraps(view)
    def guarded(*args, **kwargs):
        header = flask.request.headers.get("Authorization", "")
        try:
            flask.g.claims = jwt.decode(header.removeprefix("Bearer "), tokens.SECRET, algorithms=["HS256"],
                                        audience="dashboards", issuer="https://issuer.example")
        except jwt.PyJWTError:
            return {"error": "Invalid token"}, 401
        return view(*args, **kwargs)
    return guarded


@app.route("/unguarded")
def unguarded():
    return "hello"


@app.route("/guarded")
@token_required
def guarded():
    return "hello"
