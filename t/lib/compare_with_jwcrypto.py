#!/usr/bin/python3
"""Holds our verdicts on JSON Web Tokens against those of the Python package `jwcrypto`, over thousands of
generated and mutated tokens.

usage: compare_with_jwcrypto.py VERIFY [SEED]

VERIFY is gatehouse_jwt_verify. Prints what differs, and exits with 1 if anything does: a token that one takes
and the other refuses, for a reason that is not listed in `stricter` or `looser`, and a reason listed there that
no token had.
"""
import base64
import collections
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import jwcrypto.jwt
from jwcrypto import jwk, jws, jwt

NOW = 1_800_000_000
LEEWAY = 60
ISSUER = "https://issuer.example"
AUDIENCE = "dashboard"
TOKENS = 800  # for each key
MAX_DEPTH = 16
# Ed448 is EdDSA with such a key.
ALGORITHMS = ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
              "EdDSA", "Ed448"]

jwcrypto.jwt.time.time = lambda: NOW


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


# ---- keys -----------------------------------------------------------------------------------------------------

def make_key(algorithm, kid):
    name = "EdDSA" if algorithm == "Ed448" else algorithm
    if algorithm.startswith("HS"):
        return jwk.JWK.generate(kty="oct", size=512, kid=kid, alg=name)
    if algorithm.startswith(("RS", "PS")):
        return jwk.JWK.generate(kty="RSA", size=2048, kid=kid, alg=name)
    if algorithm.startswith("ES"):
        curve = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}[algorithm]
        return jwk.JWK.generate(kty="EC", crv=curve, kid=kid, alg=name)
    return jwk.JWK.generate(kty="OKP", crv="Ed448" if algorithm == "Ed448" else "Ed25519", kid=kid, alg=name)


def public(key):
    return json.loads(key.export(private_key=key["kty"] == "oct"))


def unrestricted(key):
    """The key without its alg, so that jwcrypto signs with whatever is asked."""
    numbers = json.loads(key.export())
    numbers.pop("alg", None)
    return jwk.JWK(**numbers)


# ---- tokens ---------------------------------------------------------------------------------------------------

class Maker:
    def __init__(self, algorithm, rng):
        self.rng = rng
        self.name = "EdDSA" if algorithm == "Ed448" else algorithm
        self.keys = {kid: make_key(algorithm, kid) for kid in ("one", "two")}
        self.signers = {kid: unrestricted(key) for kid, key in self.keys.items()}

    def sign(self, header, claims, kid="one"):
        """`header` and `claims` are texts; the signature is right whatever they say."""
        text = encode(header.encode("utf-8", "surrogatepass")) + "." + encode(claims)
        core = jws.JWSCore(self.name, self.signers[kid], None, b"")
        return text + "." + encode(core.engine.sign(core.key, text.encode()))

    def header(self, **more):
        return {"alg": self.name, "kid": "one", "typ": "JWT", **more}

    def claims(self, **more):
        return {"sub": "user", "iss": ISSUER, "aud": AUDIENCE, "exp": NOW + 100, "iat": NOW - 100, **more}

    def token(self, header=None, claims=None, kid="one"):
        header = json.dumps(self.header() if header is None else header)
        claims = json.dumps(self.claims() if claims is None else claims)
        return self.sign(header, claims.encode(), kid)

    # Each of these makes one token.

    def good(self):
        kid = self.rng.choice(["one", "two"])
        more = {"n" * self.rng.randrange(1, 9): self.rng.choice([1, "x", None, [1, {"a": []}], {"é": "€😀"}])}
        header = self.header(kid=kid)
        if self.rng.random() < 0.2:
            header["typ"] = self.rng.choice(["jwt", "at+jwt", "application/at+jwt"])
        if self.rng.random() < 0.2:
            header["x5t"] = "AAAA"
        return self.token(header, self.claims(**more), kid)

    def dates(self):
        near = lambda: NOW + self.rng.choice([-100, -61, -60, -59, -1, 0, 1, 59, 60, 61, 100])
        odd = [-1, 0, 2**53 - 1, 2**53, 2**63, 1e9, NOW + 0.5, str(NOW), True, None, [], {}]
        claims = self.claims()
        for name in self.rng.sample(["exp", "nbf", "iat"], self.rng.randrange(1, 3)):
            claims[name] = self.rng.choice(odd) if self.rng.random() < 0.4 else near()
        if self.rng.random() < 0.1:
            del claims["exp"]
        return self.token(claims=claims)

    def names(self):
        claims = self.claims()
        claims["aud"] = self.rng.choice([AUDIENCE, [AUDIENCE], ["x", AUDIENCE], [], [""], "dash", "Dashboard",
                                         AUDIENCE + " ", {AUDIENCE: 1}, 7, None, [AUDIENCE, 7], [[AUDIENCE]]])
        if self.rng.random() < 0.5:
            claims["iss"] = self.rng.choice([ISSUER, ISSUER + "/", ISSUER.upper(), "", 7, [ISSUER], None])
        if self.rng.random() < 0.3:
            claims["sub"] = self.rng.choice(["", 7, None, [], True])
        for name in ("aud", "iss"):
            if self.rng.random() < 0.1:
                del claims[name]
        return self.token(claims=claims)

    def headers(self):
        header = self.header()
        change = self.rng.randrange(4)
        if change == 0:
            header["alg"] = self.rng.choice(["none", "NONE", "", None, 7, [self.name], "HS256", "RS256", "PS256",
                                             "ES256", "EdDSA", "ES256K", self.name.lower(), self.name + " "])
        elif change == 1:
            header["kid"] = self.rng.choice(["one", "two", "three", "", 7, None, ["one"], "../../etc/passwd",
                                             "' OR 1=1", "one\0", "ONE", "k" * 4096])
        elif change == 2:
            name, value = self.rng.choice([
                ("jwk", public(self.keys["two"])), ("jku", "https://evil.example"), ("x5u", "https://evil.example"),
                ("x5c", ["AA"]), ("crit", ["exp"]), ("crit", []), ("b64", False), ("b64", True), ("zip", "DEF"),
                ("enc", "A128GCM"), ("typ", "JOSE"), ("typ", 7), ("cty", "x"), ("cty", []), ("unknown", {"a": 1})])
            header[name] = value
        else:
            del header[self.rng.choice(list(header))]
        return self.token(header)

    def json_texts(self):
        """Texts that json.dumps would not write, well signed."""
        header, claims = json.dumps(self.header()), json.dumps(self.claims())
        odd = self.rng.choice([
            lambda t: " \t\r\n" + t + "\n", lambda t: t[:-1], lambda t: t + "}", lambda t: t + " x",
            lambda t: t[:-1] + ', "a": 1, "a": 2}', lambda t: t[:-1] + ', "a": {"b": 1, "b": 2}}',
            lambda t: t[:-1] + ', "a": NaN}', lambda t: t[:-1] + ', "a": Infinity}', lambda t: t[:-1] + ', "a": 01}',
            lambda t: t[:-1] + ', "a": 1.}', lambda t: t[:-1] + ", 'a': 1}", lambda t: t[:-1] + ",}",
            lambda t: t[:-1] + r', "a": "\ud800"}', lambda t: t[:-1] + r', "a": "\ud83d\ude00\u0000"}',
            lambda t: t[:-1] + r', "a": "\x"}', lambda t: t[:-1] + ', "a": "\n"}', lambda t: "[" + t + "]",
            lambda t: t[:-1] + ', "a": %s1%s}' % ("[" * 15, "]" * 15),
            lambda t: t[:-1] + ', "a": %s1%s}' % ("[" * 16, "]" * 16),
            lambda t: t[:-1] + ', "a": 1e999, "b": -0, "c": 123456789012345678901234567890}',
            lambda t: t.replace('"', r'"\u00'[:1], 1), lambda t: "\ufeff" + t, lambda t: "", lambda t: "null",
            lambda t: re.sub(r'"(alg|exp)"', lambda m: '"\\u00%02x%s"' % (ord(m[1][0]), m[1][1:]), t)])
        if self.rng.random() < 0.3:
            return self.sign(odd(header), claims.encode())
        claims = odd(claims).encode("utf-8", "surrogatepass")
        if self.rng.random() < 0.1:
            claims = claims[:-1] + self.rng.choice([b', "a": "\xff"}', b', "a": "\xc0\x80"}', b', "a": "\xed\xa0\x80"}'])
        return self.sign(header, claims)

    def sizes(self):
        return self.token(claims=self.claims(x="x" * self.rng.choice([10, 5000, 5600, 5900, 9000])))

    def mutated(self):
        """A good token with some characters changed, removed, added, or with parts moved."""
        token = list(self.good())
        for _ in range(self.rng.randrange(1, 3)):
            at = self.rng.randrange(len(token))
            change = self.rng.randrange(6)
            if change < 3:
                token[at] = self.rng.choice("ABCDwxyz019-_.=+/ ~")
            elif change == 3:
                del token[at]
            elif change == 4:
                token.insert(at, self.rng.choice("Aw_.="))
            else:
                parts = "".join(token).split(".")
                self.rng.shuffle(parts)
                token = list(".".join(parts))
        return "".join(token)

    def signatures(self):
        head, signature = self.good().rsplit(".", 1)
        data = bytearray(decode(signature))
        change = self.rng.randrange(6)
        if change == 0:
            data[self.rng.randrange(len(data))] ^= 1 << self.rng.randrange(8)
        elif change == 1:
            data = data[:self.rng.randrange(len(data))]
        elif change == 2:
            data += bytes(self.rng.randrange(1, 40))
        elif change == 3:
            half = len(data) // 2
            data = data[half:] + data[:half]
        elif change == 4:
            data = bytes(len(data))
        else:  # bits that encode nothing
            last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
            return head + "." + signature[:-1] + last[(last.index(signature[-1]) | 1) % 64]
        return head + "." + encode(bytes(data))

    def strangers(self):
        """Well signed by a key that is not there, under a kid that is."""
        return self.token(self.header(kid="two"), kid="one")

    def make(self):
        kinds = [(self.good, 5), (self.dates, 5), (self.names, 5), (self.headers, 5), (self.json_texts, 5),
                 (self.sizes, 1), (self.mutated, 8), (self.signatures, 4), (self.strangers, 1)]
        return self.rng.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0]()


# ---- verdicts -------------------------------------------------------------------------------------------------

def theirs(token, keyset, algorithm, configured):
    """None if jwcrypto takes the token, else what it says."""
    checks = {"exp": None, **({"iss": ISSUER, "aud": AUDIENCE} if configured else {})}
    verifier = jwt.JWT(algs=[algorithm], check_claims=checks)
    verifier.leeway = LEEWAY
    try:
        verifier.deserialize(token, keyset)
        if "nbf" in json.loads(verifier.claims):  # with other checks asked for, it leaves out this one
            verifier._check_claims = {"nbf": None}
            verifier._check_provided_claims()
    except Exception as error:  # of many kinds, some by accident
        return repr(error)
    return None


def ours(verify, tokens, path, configured):
    options = [f"issuer={ISSUER}", f"audience={AUDIENCE}"] if configured else ["audience=*"]
    run = subprocess.run([verify, path, str(NOW), f"leeway={LEEWAY}", *options], input="\n".join(tokens) + "\n",
                         capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(run.stderr)
    return run.stdout.splitlines()


def has_duplicates(text):
    found = []

    def pairs(members):
        names = [name for name, _ in members]
        found.append(len(names) != len(set(names)))
        return dict(members)

    json.loads(text, object_pairs_hook=pairs)
    return any(found)


def depth(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


def is_python_only(text):
    """Whether this is JSON to Python alone: NaN, Infinity, halves of surrogate pairs."""
    def refuse(constant):
        raise ValueError(constant)
    try:
        value = json.loads(text, parse_constant=refuse)
        json.dumps(value, ensure_ascii=False).encode()
    except ValueError:  # UnicodeEncodeError is one, too
        return True
    return False


def is_date(value):
    return type(value) is int and 0 <= value < 2**53


def stricter(token):
    """Why we refuse a token that jwcrypto takes; jwcrypto has shown that it has three parts and so on."""
    parts = token.split(".")
    if any(not re.fullmatch("[A-Za-z0-9_-]*", part) or encode(decode(part)) != part for part in parts):
        return "base64url in another than its one form"
    texts = [decode(part).decode() for part in parts[:2]]
    if any(map(has_duplicates, texts)):
        return "a name twice in one object"
    if any(map(is_python_only, texts)):
        return "not JSON but to Python"
    header, claims = map(json.loads, texts)
    if len(token) > 8192 or len(parts[0]) > 1024:
        return "too large"
    if max(depth(header), depth(claims)) > MAX_DEPTH:
        return "nested too deep"
    if any(name in header for name in ("jwk", "jku", "x5u", "x5c", "crit", "b64", "zip", "enc")):
        return "a header that brings keys or changes what is signed"
    if any(not isinstance(header.get(name, ""), str) for name in ("kid", "typ", "cty")):
        return "a header that is no string"
    if "typ" in header and not re.fullmatch(r"(application/)?(at\+)?jwt", header["typ"], re.I):
        return "another type"
    if "kid" not in header:
        return "no kid for two keys"
    if any(name in claims and not is_date(claims[name]) for name in ("exp", "nbf", "iat")):
        return "a date that is no whole number"
    if any(name in claims and claims[name] is None for name in ("iss", "sub", "aud")):
        return "null for a name"
    if isinstance(claims.get("aud"), list) and not all(isinstance(aud, str) for aud in claims["aud"]):
        return "an audience that is no string"
    if claims["exp"] == NOW - LEEWAY:
        return "the very second of expiry"
    if claims.get("iat", 0) > NOW + LEEWAY:
        return "issued ahead"
    return None


def looser(token):
    """Why we take a token that jwcrypto refuses."""
    claims = json.loads(decode(token.split(".")[1]))
    return "a number for the subject" if type(claims.get("sub")) is int else None


REASONS = {
    "base64url in another than its one form", "a name twice in one object", "not JSON but to Python", "too large",
    "nested too deep", "a header that brings keys or changes what is signed", "a header that is no string",
    "another type", "no kid for two keys", "a date that is no whole number", "null for a name",
    "an audience that is no string", "the very second of expiry", "issued ahead", "a number for the subject"}


def compare(verify, algorithm, seed):
    maker = Maker(algorithm, random.Random(f"{algorithm} {seed}"))
    keyset = jwk.JWKSet()
    for key in maker.keys.values():
        keyset.add(key)
    tokens = [maker.make().replace("\n", " ") for _ in range(TOKENS)]
    tokens += [maker.token(claims={**maker.claims(), "sub": 7})]

    failures, counts, reasons = [], collections.Counter(), collections.Counter()
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory, "jwks.json")
        path.write_text(json.dumps({"keys": [public(key) for key in maker.keys.values()]}))
        for configured in (True, False):
            for token, word in zip(tokens, ours(verify, tokens, path, configured), strict=True):
                refusal = theirs(token, keyset, maker.name, configured)
                counts["ok" if word == "ok" else "refused", "ok" if refusal is None else "refused"] += 1
                if (word == "ok") == (refusal is None):
                    continue
                reason = looser(token) if word == "ok" else stricter(token)
                reasons[reason] += 1
                if reason is None:
                    failures.append(f"{algorithm}: ours: {word}, theirs: {refusal or 'ok'}: {token}")
    for verdict in ("ok", "refused"):
        if counts[verdict, verdict] < TOKENS // 4:
            failures.append(f"{algorithm}: only {counts[verdict, verdict]} tokens are {verdict} to both")
    print(f"{algorithm}: ours, theirs: {dict(counts)}")
    return failures, reasons


def main():
    verify, seed = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "0"
    failures, reasons = [], collections.Counter()
    for algorithm in ALGORITHMS:
        more_failures, more_reasons = compare(verify, algorithm, seed)
        failures += more_failures
        reasons += more_reasons
    for reason in REASONS - set(reasons):
        failures.append(f"no token is refused for: {reason}")
    print(f"known differences: {dict(reasons)}")
    print("\n".join(failures[:20]))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
