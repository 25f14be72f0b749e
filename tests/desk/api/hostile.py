"""Hostile tokens: each is one that an attacker can make, most with a signature that is right for what it says.

The provider signs RS256 with `KEY`, named `good`. `CASES` are refused, `FINE` are not: what they say is all right.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

ISSUER, AUDIENCE, PERSON = "https://id.example", "casework", "hostile.person"
KEY, ATTACKER = (rsa.generate_private_key(65537, 2048) for _ in "12")
CURVE = ec.generate_private_key(ec.SECP256R1())
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
JWK: dict[str, Any] = RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
ATTACKERS_JWK: dict[str, Any] = RSAAlgorithm.to_jwk(ATTACKER.public_key(), as_dict=True)
JWKS = {"keys": [{**JWK, "kid": "good", "use": "sig", "alg": "RS256"}]}


def now() -> int:
    """When a token is made: a run is long, and this module is read at its beginning."""
    return int(datetime.now(UTC).timestamp())


def encoded(part: object) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims(**changed: Any) -> dict[str, Any]:
    """Claims that are all right, but for what is changed; None leaves a claim out."""
    made = now()
    said = {"iss": ISSUER, "aud": AUDIENCE, "sub": PERSON, "iat": made, "exp": made + 600} | changed
    return {name: value for name, value in said.items() if value is not None}


def ending(text: str) -> bytes:
    """Claims whose expiry is written so."""
    return json.dumps(claims(exp="then")).replace('"then"', text).encode()


def twice(name: str, value: str) -> bytes:
    """Claims that say something once more, at their end."""
    return f'{json.dumps(claims())[:-1]}, "{name}": {json.dumps(value)}}}'.encode()


def signed(payload: object, key: Any = KEY, algorithm: str = "RS256", **header: Any) -> str:
    """A token with a right signature; a header of None is left out."""
    said = {"alg": algorithm, "typ": "JWT", "kid": "good"} | header
    head = {name: value for name, value in said.items() if value is not None}
    text = f"{encoded(head)}.{encoded(payload)}"
    made = jwt.get_algorithm_by_name(algorithm).sign(text.encode(), key)
    return f"{text}.{encoded(made)}"


def headed(head: bytes) -> str:
    """A token with that header, and a right signature."""
    text = f"{encoded(head)}.{encoded(claims())}"
    return f"{text}.{encoded(jwt.get_algorithm_by_name('RS256').sign(text.encode(), KEY))}"


def unsigned(algorithm: object) -> str:
    return f"{encoded({'alg': algorithm, 'typ': 'JWT', 'kid': 'good'})}.{encoded(claims())}."


def with_hmac(secret: bytes, algorithm: str = "HS256", **header: Any) -> str:
    text = f"{encoded({'alg': algorithm, 'typ': 'JWT', 'kid': 'good', **header})}.{encoded(claims())}"
    return f"{text}.{encoded(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def in_json(*, flattened: bool) -> str:
    head, body, sign = signed(claims()).split(".")
    one = {"protected": head, "signature": sign}
    return json.dumps({"payload": body, **one} if flattened else {"payload": body, "signatures": [one]})


def touched(position: int) -> str:
    """A good token in which one part is another's."""
    parts, others = signed(claims()).split("."), signed(claims(sub="somebody.else")).split(".")
    parts[position] = others[position]
    return ".".join(parts)


def without(claim: str) -> str:
    return signed(claims(**{claim: None}))


SPELLINGS = ("none", "None", "NONE", "nOnE", "", None, ["none"], {"alg": "none"}, "RS256\x00", " RS256", "rs256", 0)
DAY = 86_400

CASES: dict[str, Callable[[], str]] = {
    **{f"algorithm {spelling!r} without signature": partial(unsigned, spelling) for spelling in SPELLINGS},
    "algorithm left out": lambda: signed(claims(), alg=None),
    "algorithm none, signature of another": lambda: signed(claims(), alg="none"),
    "empty signature": lambda: signed(claims()).rpartition(".")[0] + ".",
    "no signature": lambda: signed(claims()).rpartition(".")[0],
    "cut signature": lambda: signed(claims())[:-20],
    "signature of zeros": lambda: signed(claims()).rpartition(".")[0] + "." + encoded(bytes(256)),
    "HMAC with the public key": lambda: with_hmac(PEM),
    "HMAC with the public key, called RS256": lambda: with_hmac(PEM, "RS256"),
    "HMAC with the key's JSON": lambda: with_hmac(json.dumps(JWKS["keys"][0]).encode()),
    "HMAC with the modulus": lambda: with_hmac(JWK["n"].encode()),
    "HMAC with nothing": lambda: with_hmac(b""),
    "another algorithm of the same key": lambda: signed(claims(), algorithm="PS256"),
    "a longer hash of the same key": lambda: signed(claims(), algorithm="RS512"),
    "PS256, called RS256": lambda: signed(claims(), algorithm="PS256", alg="RS256"),
    "another kind of key": lambda: signed(claims(), CURVE, "ES256"),
    "the attacker's key under our name": lambda: signed(claims(), ATTACKER),
    "the attacker's key in jwk": lambda: signed(claims(), ATTACKER, jwk=ATTACKERS_JWK),
    "the attacker's key in jwk, without kid": lambda: signed(claims(), ATTACKER, kid=None, jwk=ATTACKERS_JWK),
    "the attacker's address in jku": lambda: signed(claims(), ATTACKER, jku="http://127.0.0.1:1/keys"),
    "the attacker's address in x5u": lambda: signed(claims(), ATTACKER, x5u="http://127.0.0.1:1/chain"),
    "the attacker's chain in x5c": lambda: signed(claims(), ATTACKER, x5c=["MIIB"]),
    "unknown kid": lambda: signed(claims(), kid="other"),
    "kid is a path": lambda: signed(claims(), kid="../../../../dev/null"),
    "kid is SQL": lambda: signed(claims(), kid="good' UNION SELECT 'x"),
    "kid is an address": lambda: signed(claims(), kid="http://127.0.0.1:1/"),
    "kid is a command": lambda: signed(claims(), kid="|id"),
    "kid is a number": lambda: signed(claims(), kid=0),
    "kid is a list": lambda: signed(claims(), kid=["good"]),
    "kid is empty": lambda: signed(claims(), kid=""),
    "crit": lambda: signed(claims(), crit=["exp"]),
    "crit that nobody knows": lambda: signed(claims(), crit=["casework"], casework=True),
    "crit that is empty": lambda: signed(claims(), crit=[]),
    "unencoded payload": lambda: signed(claims(), b64=False, crit=["b64"]),
    "b64 without crit": lambda: signed(claims(), b64=False),
    "an encrypted one's type": lambda: signed(claims(), typ="JWE"),
    "a logout's type": lambda: signed(claims(), typ="logout+jwt"),
    "a proof's type": lambda: signed(claims(), typ="dpop+jwt"),
    "type is a number": lambda: signed(claims(), typ=1),
    "nested": lambda: signed(signed(claims()).encode(), cty="JWT"),
    "nested, as a claim": lambda: signed({"jwt": signed(claims())}),
    "nested, unsigned in signed": lambda: signed(unsigned("none").encode()),
    "claims with a content type": lambda: signed(claims(), cty="JWT"),
    "JSON, flattened": lambda: in_json(flattened=True),
    "JSON, general": lambda: in_json(flattened=False),
    "encrypted, five parts": lambda: signed(claims()) + ".e30.e30",
    "trailing dot": lambda: signed(claims()) + ".",
    "leading dot": lambda: "." + signed(claims()),
    "trailing words": lambda: signed(claims()) + " " + signed(claims()),
    "two tokens": lambda: signed(claims()) + "," + signed(claims()),
    "padding": lambda: signed(claims()) + "==",
    "standard base64": lambda: signed(claims()) + "+/",
    "huge": lambda: signed(claims(filler="x" * 20_000)),
    "deep": lambda: f"{encoded(b'[' * 2_000)}.{encoded(b'[' * 2_000)}.x",
    "header is a list": lambda: f"{encoded([])}.{encoded(claims())}.eA",
    "header is no JSON": lambda: f"{encoded(b'{alg:none}')}.{encoded(claims())}.eA",
    "claims are a list": lambda: signed([claims()]),
    "claims are text": lambda: signed("admin"),
    "claims are no JSON": lambda: signed(b"\xff\xfe"),
    "not a token": lambda: "undefined",
    "only dots": lambda: "..",
    "nothing": lambda: "",
    "another's claims": lambda: touched(1),
    "another's signature": lambda: touched(2),
    **{f"without {name}": partial(without, name) for name in ("iss", "aud", "sub", "iat", "exp")},
    "wrong issuer": lambda: signed(claims(iss="https://evil.example")),
    "issuer with a slash more": lambda: signed(claims(iss=ISSUER + "/")),
    "issuer in other letters": lambda: signed(claims(iss=ISSUER.upper())),
    "issuer is a list": lambda: signed(claims(iss=[ISSUER])),
    "issuer is an object": lambda: signed(claims(iss={"a": ISSUER})),
    "wrong audience": lambda: signed(claims(aud="other")),
    "audience of a part": lambda: signed(claims(aud="case")),
    "audiences without ours": lambda: signed(claims(aud=["other", "caseworks"])),
    "audiences are none": lambda: signed(claims(aud=[])),
    "audiences are no texts": lambda: signed(claims(aud=[AUDIENCE, 1])),
    "audience is an object": lambda: signed(claims(aud={AUDIENCE: 1})),
    "expired": lambda: signed(claims(iat=now() - DAY, exp=now() - 60)),
    "expiry is text": lambda: signed(claims(exp=str(now() + DAY))),
    "expiry is true": lambda: signed(claims(exp=True)),
    "expiry never comes": lambda: signed(ending("Infinity")),
    "expiry is not a number": lambda: signed(ending("NaN")),
    "expiry of a thousand digits": lambda: signed(ending("9" * 5_000)),
    "expiry is a list": lambda: signed(claims(exp=[now() + 600])),
    "issued in the future": lambda: signed(claims(iat=now() + DAY, exp=now() + 2 * DAY)),
    "issued is text": lambda: signed(claims(iat="now")),
    "issued is true": lambda: signed(claims(iat=True)),
    "not before tomorrow": lambda: signed(claims(nbf=now() + DAY)),
    "not before is text": lambda: signed(claims(nbf="0")),
    "factor shown at no time": lambda: signed(claims(amr=["mfa"], auth_time=1e300)),
    "a person twice": lambda: signed(twice("sub", "somebody.else")),
    "a person twice, the same": lambda: signed(twice("sub", PERSON)),
    "an issuer twice": lambda: signed(twice("iss", "https://evil.example")),
    "an algorithm twice": lambda: headed(b'{"alg": "none", "alg": "RS256", "kid": "good"}'),
    "a part of a claim twice": lambda: signed(json.dumps(claims(filler={"a": "@"})).replace('"@"', '1, "a": 2').encode()),
    "a logout's": lambda: signed(claims(events={"http://schemas.openid.net/event/backchannel-logout": {}})),
    "events that are nothing": lambda: signed(claims(events={})),
    "bound to a certificate": lambda: signed(claims(cnf={"x5t#S256": "x"})),
    "bound to a key": lambda: signed(claims(cnf={"jkt": "x"})),
    "good for longer than a day": lambda: signed(claims(exp=now() + DAY + 60)),
    "good for ever": lambda: signed(claims(exp=2**40)),
    "over before it begins": lambda: signed(claims(nbf=now() + 20, exp=now() + 10)),
    "over before it was made": lambda: signed(claims(iat=now() + 20, exp=now() + 10)),
    "logged in tomorrow": lambda: signed(claims(auth_time=now() + DAY)),
    "logged in at no time": lambda: signed(claims(auth_time="now")),
    "several audiences, given to another": lambda: signed(claims(aud=[AUDIENCE, "other"], azp="other")),
    "nobody here": lambda: signed(claims(sub="nobody.at.all")),
    "the clock": lambda: signed(claims(sub="hostile.clock")),
    "person is a number": lambda: signed(claims(sub=1)),
    "person is a list": lambda: signed(claims(sub=[PERSON])),
    "person is empty": lambda: signed(claims(sub="")),
    "person with a zero": lambda: signed(claims(sub=PERSON + "\x00")),
    "person is half a letter": lambda: signed(claims(sub="\ud800")),
    "person with a space": lambda: signed(claims(sub=PERSON + " ")),
    "person in other letters": lambda: signed(claims(sub=PERSON.upper())),
    "person is SQL": lambda: signed(claims(sub="' OR '1'='1")),
    "person of a thousand letters": lambda: signed(claims(sub="p" * 1_000)),
    "not the issuer's to vouch for": lambda: signed(claims(sub="hostile.ops")),
}  # fmt: skip

FINE: dict[str, Callable[[], str]] = {
    "as it should be": lambda: signed(claims()),
    "an access token's type": lambda: signed(claims(), typ="at+jwt"),
    "without a type": lambda: signed(claims(), typ=None),
    "without kid, of the only key": lambda: signed(claims(), kid=None),
    "several audiences": lambda: signed(claims(aud=["other", AUDIENCE])),
    "several audiences, given to us": lambda: signed(claims(aud=["other", AUDIENCE], azp=AUDIENCE)),
    "one audience, given to its client": lambda: signed(claims(azp="other")),
    "good for a day": lambda: signed(claims(exp=now() + DAY - 5)),
    "logged in a while ago": lambda: signed(claims(auth_time=now() - DAY)),
    "a clock that is a little ahead": lambda: signed(claims(iat=now() + 10, nbf=now() + 10)),
    "expired a moment ago": lambda: signed(claims(iat=now() - DAY, exp=now() - 10)),
    "keys in the header that nobody looks at": lambda: signed(claims(), jwk=ATTACKERS_JWK, jku="http://127.0.0.1:1/"),
}
