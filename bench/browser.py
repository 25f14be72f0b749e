"""What a person's browser does with the console's pages: forms, news, assets, and the bytes of an answer."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser

import httpx

HERE = "/console"
_NEWS = re.compile(r'data-news="([^"]+)" data-every="([0-9]+)"')
_ASSET = re.compile(rf'(?:href|src)="({HERE}/assets/[^"]+)"')


@dataclass(frozen=True)
class Browser:
    """A client with the headers by which the console knows the person."""

    client: httpx.AsyncClient
    who: Mapping[str, str]

    async def get(self, path: str) -> httpx.Response:
        """A page, an asset, or news."""
        return _good(await self.client.get(path, headers=self.who))

    async def post(self, path: str, form: Mapping[str, str]) -> httpx.Response:
        """A part of a page that a form asks for."""
        return _good(await self.client.post(path, data=form, headers=self.who))

    async def send(self, path: str, form: Mapping[str, str]) -> httpx.Response:
        """The page to which a form leads."""
        answer = await self.client.post(path, data=form, headers=self.who)
        if not answer.is_redirect:
            raise _refused(answer)
        return await self.get(answer.headers["Location"])

    async def news(self, page: str) -> tuple[str, int]:
        """Where a page asks whether something has moved, and after how many seconds again."""
        found = _NEWS.search((await self.get(page)).text)
        if found is None:
            raise LookupError(f"{page} asks for no news")
        return unescape(found[1]), int(found[2])


class _Hidden(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = [{}]
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({})
        elif tag == "input" and has.get("type") == "hidden":
            self.forms[-1][has["name"]] = has.get("value", "")


def hidden(answer: httpx.Response) -> list[dict[str, str]]:
    """The hidden fields outside of forms, and then of each form."""
    return _Hidden(answer.text).forms


def assets(answer: httpx.Response) -> list[str]:
    """What a page needs besides itself."""
    return list(dict.fromkeys(_ASSET.findall(answer.text)))


def sent(answer: httpx.Response) -> int:
    """The bytes of status, headers and body, as sent."""
    head = sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
    return len("HTTP/1.1 200 OK\r\n\r\n") + head + answer.num_bytes_downloaded


def _good(answer: httpx.Response) -> httpx.Response:
    if not answer.is_success:
        raise _refused(answer)
    return answer


def _refused(answer: httpx.Response) -> RuntimeError:
    return RuntimeError(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}")
