"""JSON Web Tokens for the load: made by this program, in no way of ours."""

import base64
import hashlib
import hmac
import json
import pathlib

SECRET = "0123456789abcdef0123456789abcdef"
EXPIRES = 4_000_000_000


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def claims(number: int) -> dict:
    return {"iss": "https://issuer.example", "sub": f"user-{number:08}", "aud": "dashboards",
            "scope": "read write", "iat": 1_700_000_000, "exp": EXPIRES}


def hs256(number: int) -> str:
    """Some 270 bytes, as most issuers' tokens have and more."""
    signed = ".".join(_encode(json.dumps(part).encode())
                      for part in ({"alg": "HS256", "typ": "JWT"}, claims(number)))
    return signed + "." + _encode(hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).digest())


def write_hs256(file: pathlib.Path, count: int) -> pathlib.Path:
    file.write_text("".join(hs256(number) + "\n" for number in range(count)))
    return file
