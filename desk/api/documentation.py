"""The OpenAPI document, and its page `/docs`, the only one that runs scripts: its policy names the one it holds."""

import base64
import hashlib
import json
import re
from functools import cache
from pathlib import Path

import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

from desk.api.rules import V1

OPENAPI, STATIC = f"{V1}/openapi.json", "/static-offline-docs"
# The page's files, which other sites would serve otherwise.
_FILES = Path(fastapi_offline.__file__).parent / "static"
_INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def serve(app: FastAPI) -> None:
    """Serve the document and the page of an application to everybody; so the document is written once."""
    page = bytes(
        get_swagger_ui_html(
            openapi_url=OPENAPI,
            title=app.title,
            oauth2_redirect_url=None,
            swagger_js_url=f"{STATIC}/swagger-ui-bundle.js",
            swagger_css_url=f"{STATIC}/swagger-ui.css",
            swagger_favicon_url=f"{STATIC}/favicon.png",
        ).body
    )
    headers = {"Content-Security-Policy": policy(page)}

    app.mount(STATIC, StaticFiles(directory=_FILES))

    @cache
    def written() -> bytes:
        return json.dumps(app.openapi(), ensure_ascii=False).encode()

    @app.get(OPENAPI, include_in_schema=False)
    async def openapi() -> Response:
        return Response(written(), media_type="application/json")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(page, headers=headers)


def policy(page: bytes) -> str:
    """What the page may do: run our files and its own scripts, by their hash; style itself; ask us."""
    hashes = (base64.b64encode(hashlib.sha256(script).digest()).decode() for script in _INLINE.findall(page))
    scripts = " ".join(["'self'", *(f"'sha256-{one}'" for one in hashes)])
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
        " connect-src 'self'; frame-ancestors 'none'"
    )
