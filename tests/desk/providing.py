"""An identity provider on this machine, over HTTP: its document, keys, login and tokens, any of which can be a lie."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import hostile

from desk.identity.client import Client
from desk.identity.configured import trusted
from workers.provider import Provider as Setting

CLIENT, SECRET = "casework-console", "a secret: of 30 % & more+"
Query = dict[str, str]


@dataclass
class Provider:
    """Who comes to its login is `person`, who logged in `ago` seconds before, or now where that is asked for.

    `document`, `claims` and `back` are what it says instead; `token` makes another ID token of the claims.
    """

    url: str = ""
    secret: str | None = SECRET
    person: str = "nobody"
    ago: float = 0
    obeys: bool = True
    methods: list[str] = field(default_factory=lambda: ["pwd", "mfa"])
    document: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    back: dict[str, str | None] = field(default_factory=dict)
    token: Callable[[dict[str, Any]], str] = hostile.signed
    answer: tuple[int, bytes] | None = None
    asked: list[Query] = field(default_factory=list)
    redeemed: list[Query] = field(default_factory=list)
    codes: dict[str, Query] = field(default_factory=dict)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def setting(self, **more: Any) -> Setting:
        """The provider as the settings have it, trusted with everybody."""
        said = {"issuer": self.url, "audience": "casework", "jwks_url": f"{self.url}/keys", "algorithm": "RS256"}
        own = {"client_id": CLIENT, "client_secret": self.secret, "name": "Example ID"}
        roles = ["owner", "moderator", "senior_moderator", "creator", "ops"]
        return Setting.model_validate(said | own | {"roles": roles} | more)

    def client(self, **more: Any) -> Client:
        return trusted([self.setting(**more)])[1][0]

    def knows(self) -> dict[str, Any]:
        """Its document."""
        said = {"issuer": self.url, "authorization_response_iss_parameter_supported": True}
        said |= {f"{name}_endpoint": f"{self.url}/{name}" for name in ("authorization", "token", "end_session")}
        return said | {"acr_values_supported": ["mfa", "other"]} | self.document

    def logs_in(self, asked: Query) -> str:
        """Where it sends whoever it knows, as a login asked: with a code."""
        self.asked.append(asked)
        assert (asked["response_type"], asked["client_id"], asked["scope"]) == ("code", CLIENT, "openid")
        assert asked["code_challenge_method"] == "S256"
        code, anew = secrets.token_urlsafe(), self.obeys and asked.get("prompt") == "login"
        at = self.now().timestamp()
        made = {"iss": self.url, "aud": CLIENT, "sub": self.person, "nonce": asked["nonce"], "iat": int(at)}
        made |= {"exp": int(at) + 3600, "auth_time": int(at - (0 if anew else self.ago)), "amr": self.methods}
        said = {name: value for name, value in (made | self.claims).items() if value is not None}
        self.codes[code] = asked | {"claims": json.dumps(said)}
        sent = {"code": code, "state": asked["state"], "iss": self.url} | self.back
        return (
            f"{asked['redirect_uri']}?{urlencode({name: value for name, value in sent.items() if value is not None})}"
        )

    def gives(self, said: Query, authorization: str | None) -> tuple[int, Any]:
        """What its token endpoint answers: a code is good once, for its client and whoever asked for it."""
        self.redeemed.append(said)
        of = self.codes.pop(said.get("code", ""), None)
        if not self._is_client(said, authorization):
            return 401, {"error": "invalid_client"}
        digest = hashlib.sha256(said.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if of is None or (said.get("redirect_uri"), challenge) != (of["redirect_uri"], of["code_challenge"]):
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.token(json.loads(of["claims"]))}

    def _is_client(self, said: Query, authorization: str | None) -> bool:
        if self.secret is None:
            return authorization is None and said.get("client_id") == CLIENT
        if "client_secret_basic" in self.document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
            given = base64.b64decode((authorization or "").removeprefix("Basic ")).decode().split(":")
            return [unquote_plus(one) for one in given] == [CLIENT, self.secret] and "client_secret" not in said
        return (said.get("client_id"), said.get("client_secret")) == (CLIENT, self.secret)


@contextmanager
def providing(secret: str | None = SECRET) -> Iterator[Provider]:
    """A provider that listens while the context lasts."""
    provider = Provider(secret=secret)

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, said = urlsplit(self.path).path, _query(urlsplit(self.path).query)
            if path == "/authorization":
                self._leads(provider.logs_in(said))
            elif path == "/end_session":
                self._leads(said["post_logout_redirect_uri"])
            else:
                known = {"/keys": hostile.JWKS, "/.well-known/openid-configuration": provider.knows()}
                self._says(200 if path in known else 404, known.get(path))

        def do_POST(self) -> None:
            said = _query(self.rfile.read(int(self.headers["Content-Length"])).decode())
            status, answer = provider.gives(said, self.headers["Authorization"])
            if provider.answer is not None:
                status, raw = provider.answer
                self._sends(status, raw)
            else:
                self._says(status, answer)

        def _leads(self, where: str) -> None:
            self.send_response(302)
            self.send_header("Location", where)
            self.end_headers()

        def _says(self, status: int, answer: Any) -> None:
            self._sends(status, json.dumps(answer).encode())

        def _sends(self, status: int, raw: bytes) -> None:
            self.send_response(status)
            self.send_header("Location", provider.url)
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        provider.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield provider
        server.shutdown()
        thread.join()


def _query(said: str) -> Query:
    found = parse_qs(said, keep_blank_values=True, strict_parsing=bool(said))
    assert all(len(values) == 1 for values in found.values()), found
    return {name: value for name, (value,) in found.items()}
