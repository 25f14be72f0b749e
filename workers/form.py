"""The types of settings and how each is checked; no error repeats a value, as it may be a secret."""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

HEX = re.compile(r"[0-9a-f]{64}")


def _postgres(url: SecretStr) -> SecretStr:
    if not url.get_secret_value().startswith("postgresql://"):
        raise ValueError("it starts with postgresql://")
    return url


def _host_and_port(address: str) -> str:
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError("it reads host:port, without a scheme")
    return address


def _long(key: SecretStr) -> SecretStr:
    if len(key.get_secret_value()) < 16:
        raise ValueError("a key has at least 16 characters")
    return key


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or url != f"{parts.scheme}://{parts.netloc}".lower():
        raise ValueError("it is an origin as browsers write it, like https://casework.example")
    return url


def _bytes_at(url: str) -> str:
    parts = urlsplit(url)
    plain = not (parts.query or parts.fragment or "@" in parts.netloc)
    folder = parts.scheme == "file" and not parts.netloc and parts.path.startswith("/")
    if not plain or not (folder or (parts.scheme == "s3" and parts.netloc)):
        raise ValueError("it reads file:///a/folder or s3://bucket/prefix, and keys are not in it")
    return url


def _listed(text: Any) -> Any:
    return tuple(word.strip() for word in text.split(",")) if isinstance(text, str) else text


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError:
        raise ValueError("it is addresses or networks like 10.0.0.7,10.1.0.0/16") from None


Folder = Annotated[Path, AfterValidator(_absolute)]
Port = Annotated[int, Field(ge=1, le=65535)]
Database = Annotated[SecretStr, AfterValidator(_postgres)]
Address = Annotated[str, AfterValidator(_host_and_port)]
Secret = Annotated[SecretStr, AfterValidator(_long)]
Secrets = Annotated[tuple[Secret, ...], NoDecode, BeforeValidator(_listed)]
BytesAt = Annotated[str, AfterValidator(_bytes_at)]
Origin = Annotated[str, AfterValidator(_origin)]
PublicKey = Annotated[str, Field(pattern=f"^{HEX.pattern}$")]
PublicKeys = Annotated[tuple[PublicKey, ...], NoDecode, BeforeValidator(_listed)]
Networks = Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], NoDecode, BeforeValidator(_listed)]
