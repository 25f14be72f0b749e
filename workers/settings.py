"""The settings. The only reader of the environment: `CASEWORK_*`, and Temporal's own variables through its SDK."""

import os
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from workers.form import Address, BytesAt, Database, Folder, Networks, Origin, Port, PublicKeys, Secret, Secrets
from workers.provider import Providers

if TYPE_CHECKING:  # imported where they are used: most commands need neither
    from temporalio.envconfig import ClientConnectConfig
    from temporalio.service import TLSConfig

PREFIX = "CASEWORK_"
_PORTS = ("api_port", "ui_port", "temporal_port", "postgres_port", "metrics_port")
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})


class SettingsError(Exception):
    """A setting that can't be used: one sentence that names the variable and never repeats its value."""


class Settings(BaseSettings):
    """Everything that differs between two installations; what is unset is embedded, on this machine only."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, validate_default=True
    )

    data_dir: Folder = Path(".casework")
    database_url: Database | None = None
    owner_url: Database | None = None
    command_key: Secret | None = None
    master_key: Secret | None = None
    former_master_keys: Secrets = ()
    keys_url: BytesAt | None = None
    evidence_url: BytesAt | None = None
    checkpoint_trusted: PublicKeys = ()
    checkpoint_url: BytesAt | None = None

    temporal_address: Address | None = None
    temporal_namespace: str = Field(default="default", min_length=1)
    temporal_ui_url: str | None = Field(default=None, pattern=r"^https?://[^?#]+$")
    temporal_api_key: SecretStr | None = None
    temporal_tls: bool = False
    temporal_tls_ca: Folder | None = None
    temporal_tls_cert: Folder | None = None
    temporal_tls_key: Folder | None = None

    platform_url: str | None = Field(default=None, pattern=r"^https?://")
    platform_key: Secret | None = None

    operator: str | None = Field(default=None, pattern=r"^[\w.@+-]{1,100}$")
    task_queue: str = Field(default="casework", min_length=1)
    deployment: str | None = Field(default=None, pattern=r"^[\w-]{1,100}$")
    sandbox: bool = False

    api_host: str = Field(default="127.0.0.1", min_length=1)
    api_port: Port = 8080
    public_url: Origin | None = None
    proxies: Networks = ()
    oidc: Providers = ()
    local_accounts: bool | None = None
    requests_per_minute: int = Field(default=600, ge=1)

    logs: Literal["text", "json"] = "text"
    otlp_url: str | None = Field(default=None, pattern=r"^https?://[^?#]+$")
    metrics_host: str = Field(default="127.0.0.1", min_length=1)
    metrics_port: Port | None = None

    ui_port: Port = 8233
    temporal_port: Port = 7233
    postgres_port: Port = 5433

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise SettingsError(_sentence(error)) from None
        _refuse_unknown()

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if (self.temporal_tls_cert is None) != (self.temporal_tls_key is None):
            raise ValueError(f"{PREFIX}TEMPORAL_TLS_CERT and {PREFIX}TEMPORAL_TLS_KEY belong together: set both.")
        if (self.platform_url is None) != (self.platform_key is None):
            raise ValueError(f"{PREFIX}PLATFORM_URL and {PREFIX}PLATFORM_KEY belong together: set both.")
        if self.deployment is not None and "temporal" in self.embeds:
            raise ValueError(f"{PREFIX}DEPLOYMENT is for a Temporal of your own: set {PREFIX}TEMPORAL_ADDRESS.")
        ports = {name: port for name in _PORTS if (port := getattr(self, name)) is not None}
        if len(set(ports.values())) < len(ports):
            names = [f"{PREFIX}{name.upper()}" for name in ports]
            raise ValueError(f"{', '.join(names[:-1])} and {names[-1]} must all differ.")
        return self

    @property
    def embeds(self) -> frozenset[str]:
        """The servers that are embedded, as no setting names one: of `postgres` and `temporal`."""
        foreign = {"postgres": self.database_url, "temporal": self.temporal_connection()}
        return frozenset(name for name, setting in foreign.items() if setting is None)

    @property
    def evidence(self) -> str:
        """Where the bytes of evidence lie."""
        return self.evidence_url or (self.data_dir / "evidence").as_uri()

    @property
    def keys(self) -> str:
        """Where the keys lie that words are kept by."""
        return self.keys_url or (self.data_dir / "keys").as_uri()

    @property
    def origin(self) -> str:
        """Where browsers find the desk."""
        host = f"[{self.api_host}]" if ":" in self.api_host else self.api_host
        return self.public_url or f"http://{host}:{self.api_port}"

    @property
    def temporal_pages(self) -> str | None:
        """Where Temporal's own pages are, for the browsers of ops; in a demo those of the embedded one."""
        embedded = f"http://127.0.0.1:{self.ui_port}" if self.demo and "temporal" in self.embeds else None
        return self.temporal_ui_url or embedded

    @property
    def logs_in(self) -> bool:
        """May people log in with passwords of our own? Where nothing is said: in a demo; never beside a provider."""
        return not self.oidc and (self.demo if self.local_accounts is None else self.local_accounts)

    @property
    def demo(self) -> bool:
        """Is this a demo: embedded database, on this machine only, no public origin, proxy or identity provider?

        The one fact on which hangs whatever is only for whoever sits at this machine: the demo cast with its public
        password, and receivers of webhooks here.
        """
        here = self.database_url is None and self.api_host in _HERE
        return here and self.public_url is None and not self.proxies and not self.oidc

    def temporal_connection(self) -> "ClientConnectConfig | None":
        """The arguments of `Client.connect` for a Temporal that others run; None where it is embedded.

        Raises SettingsError where the SDK's own profile or a certificate can't be read.
        """
        if self.temporal_address is None:
            return self._profile()
        connection: ClientConnectConfig = {
            "target_host": self.temporal_address,
            "namespace": self.temporal_namespace,
        }
        if self.temporal_api_key:
            connection["api_key"] = self.temporal_api_key.get_secret_value()
        connection["tls"] = self._tls()
        return connection

    def _profile(self) -> "ClientConnectConfig | None":
        from temporalio.envconfig import ClientConfig  # noqa: PLC0415  # 100 ms that commands without Temporal save

        try:
            connection = ClientConfig.load_client_connect_config()
        except (RuntimeError, OSError) as error:
            raise SettingsError(f"Temporal's own configuration can't be read: {error}.") from None
        if "target_host" not in connection:
            return None
        connection.setdefault("namespace", self.temporal_namespace)
        return connection

    def _tls(self) -> "bool | TLSConfig":
        files = (self.temporal_tls_ca, self.temporal_tls_cert, self.temporal_tls_key)
        if not any(files):
            return self.temporal_tls or self.temporal_api_key is not None
        try:
            ca, cert, key = (file.read_bytes() if file else None for file in files)
        except OSError as error:
            raise SettingsError(f"{PREFIX}TEMPORAL_TLS_*: {error.filename} can't be read: {error.strerror}.") from None
        from temporalio.service import TLSConfig  # noqa: PLC0415

        return TLSConfig(server_root_ca_cert=ca, client_cert=cert, client_private_key=key)


def _refuse_unknown() -> None:
    """Raises SettingsError: a variable with a typing error must not be silently without effect."""
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            close = get_close_matches(name.upper(), known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"the settings are {', '.join(known)}."
            raise SettingsError(f"{name} is not a setting; {hint}")


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    why = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return why
    name, *inside = (str(part) for part in first["loc"])
    where = f" ({'.'.join(inside)})" if inside else ""
    return f"{PREFIX}{name.upper()} can't be used{where}: {why[0].lower()}{why[1:]}."
