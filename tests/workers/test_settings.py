"""Settings: read once, refused in one sentence, silent about secrets."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from states.terms import Role
from workers.settings import Settings, SettingsError


def provided(**changed: object) -> str:
    """A list of one provider, as it stands in the environment."""
    provider = {"issuer": "https://id", "audience": "a", "jwks_url": "https://id/keys", "algorithm": "ES256"}
    return json.dumps([provider | changed])


@pytest.fixture(autouse=True)
def _an_empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith(("CASEWORK_", "TEMPORAL_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(tmp_path / "none.toml"))


def test_nothing_set_means_everything_is_embedded() -> None:
    settings = Settings()
    assert settings.embeds == {"postgres", "temporal"}
    assert settings.data_dir == Path.cwd() / ".casework"


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEWORK_DATABASE_URL", "")
    assert "postgres" in Settings().embeds


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("CASEWORK_DATABSE_URL", "x", "not a setting; did you mean CASEWORK_DATABASE_URL?"),
        ("CASEWORK_DATABASE_URL", "mysql://u:hush@h/d", "CASEWORK_DATABASE_URL can't be used: it starts with"),
        ("CASEWORK_UI_PORT", "eighty", "CASEWORK_UI_PORT can't be used"),
        ("CASEWORK_UI_PORT", "70000", "CASEWORK_UI_PORT can't be used"),
        ("CASEWORK_UI_PORT", "7233", "must all differ"),
        ("CASEWORK_API_PORT", "8233", "must all differ"),
        ("CASEWORK_PUBLIC_URL", "casework.example", "CASEWORK_PUBLIC_URL can't be used: it is an origin"),
        ("CASEWORK_PUBLIC_URL", "https://casework.example/", "CASEWORK_PUBLIC_URL can't be used: it is an origin"),
        ("CASEWORK_LOCAL_ACCOUNTS", "perhaps", "CASEWORK_LOCAL_ACCOUNTS can't be used"),
        ("CASEWORK_REQUESTS_PER_MINUTE", "0", "CASEWORK_REQUESTS_PER_MINUTE can't be used"),
        ("CASEWORK_OIDC", "hush", "CASEWORK_OIDC can't be used: it is a list of providers in JSON"),
        ("CASEWORK_OIDC", '[{"issuer": "hush"}]', "CASEWORK_OIDC can't be used (0.audience): field required"),
        ("CASEWORK_OIDC", provided(algorithm="HS256"), "CASEWORK_OIDC can't be used (0.algorithm)"),
        ("CASEWORK_OIDC", provided(algorithm="none"), "CASEWORK_OIDC can't be used (0.algorithm)"),
        ("CASEWORK_OIDC", provided(jwks_url="http://elsewhere/keys"), "CASEWORK_OIDC can't be used (0.jwks_url)"),
        ("CASEWORK_OIDC", provided(roles=["god"]), "CASEWORK_OIDC can't be used (0.roles"),
        ("CASEWORK_OIDC", f"[{provided()[1:-1]}, {provided()[1:-1]}]", "each issuer stands in it once"),
        ("CASEWORK_OIDC", provided(client_secret="hush"), "client_secret and name are of a client: set client_id"),
        ("CASEWORK_OIDC", provided(client_id="c", issuer="http://hush"), "at an issuer whose address is https"),
        ("CASEWORK_PROXIES", "*", "CASEWORK_PROXIES can't be used (0): it is addresses or networks"),
        ("CASEWORK_PROXIES", "10.0.0.7,proxy", "CASEWORK_PROXIES can't be used (1): it is addresses or networks"),
        ("CASEWORK_OPERATOR", "Jane Doe", "CASEWORK_OPERATOR can't be used"),
        ("CASEWORK_SANDBOX", "perhaps", "CASEWORK_SANDBOX can't be used"),
        (
            "CASEWORK_TEMPORAL_ADDRESS",
            "https://temporal",
            "CASEWORK_TEMPORAL_ADDRESS can't be used: it reads host:port",
        ),
        ("CASEWORK_TEMPORAL_TLS_CERT", "/cert.pem", "set both"),
        ("CASEWORK_DEPLOYMENT", "casework", "is for a Temporal of your own: set CASEWORK_TEMPORAL_ADDRESS"),
        ("CASEWORK_COMMAND_KEY", "hush", "a key has at least 16 characters"),
        ("CASEWORK_FORMER_MASTER_KEYS", "a key that is long enough,hush", "a key has at least 16 characters"),
    ],
)
def test_a_wrong_variable_is_named_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refusal:
        Settings()
    told = str(refusal.value)
    assert sentence in told
    assert name in told
    assert "\n" not in told
    assert "hush" not in told


def test_secrets_stay_out_of_the_representation() -> None:
    settings = Settings(
        database_url="postgresql://u:hush@h/d", command_key="hush" * 8, temporal_api_key="hush", temporal_address="h:1"
    )
    assert "hush" not in repr(settings)


def test_an_api_key_travels_encrypted() -> None:
    connection = Settings(temporal_address="cloud.test:7233", temporal_api_key="k").temporal_connection()
    assert connection == {"target_host": "cloud.test:7233", "namespace": "default", "api_key": "k", "tls": True}


def test_certificates_are_read_from_their_files(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(b"ca")
    settings = Settings(temporal_address="h:1", temporal_tls_ca=tmp_path / "ca.pem")
    tls = (settings.temporal_connection() or {})["tls"]
    assert not isinstance(tls, bool)
    assert tls.server_root_ca_cert == b"ca"


def test_a_missing_certificate_is_one_sentence(tmp_path: Path) -> None:
    settings = Settings(temporal_address="h:1", temporal_tls_ca=tmp_path / "ca.pem")
    with pytest.raises(SettingsError, match=r"ca\.pem can't be read"):
        settings.temporal_connection()


def test_proxies_are_addresses_and_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEWORK_PROXIES", "10.0.0.7, 10.1.0.0/16,::1")
    assert Settings().proxies == ("10.0.0.7/32", "10.1.0.0/16", "::1/128")


def test_temporals_own_variables_are_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "elsewhere:7233")
    settings = Settings(temporal_namespace="cases")
    assert settings.temporal_connection() == {"target_host": "elsewhere:7233", "namespace": "cases"}
    assert settings.embeds == {"postgres"}


def test_temporals_own_profile_is_heard(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text('[profile.default]\naddress = "profile:7233"\nnamespace = "theirs"\n', "ascii")
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(tmp_path / "t.toml"))
    assert Settings().temporal_connection() == {"target_host": "profile:7233", "namespace": "theirs"}


def test_a_broken_profile_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_PROFILE", "nobody")
    with pytest.raises(SettingsError, match="Temporal's own configuration can't be read"):
        Settings().temporal_connection()


def test_providers_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    client = {"client_id": "console", "client_secret": "hush"}
    monkeypatch.setenv("CASEWORK_OIDC", provided(roles=["owner"], second_factor=["hwk"], **client))
    (provider,) = Settings().oidc
    assert (provider.client_id, "hush" in repr(Settings())) == ("console", False)
    assert provider.algorithm == "ES256"
    assert provider.roles == frozenset({Role.OWNER})
    assert provider.second_factor == {"hwk"}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, True),
        ({"database_url": "postgresql://u@h/d"}, False),
        ({"database_url": "postgresql://u@h/d", "local_accounts": True}, True),
        ({"local_accounts": False}, False),
        ({"api_host": "192.0.2.1"}, False),
        ({"api_host": "192.0.2.1", "local_accounts": True}, True),
        ({"public_url": "https://casework.example"}, False),
        ({"public_url": "https://casework.example", "local_accounts": True}, True),
        ({"oidc": provided()}, False),
        ({"oidc": provided(), "local_accounts": True}, False),
    ],
)
def test_local_accounts_are_on_by_themselves_only_in_a_demo_and_never_beside_a_provider(
    said: dict[str, Any], *, expected: bool
) -> None:
    assert Settings(**said).logs_in is expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, True),
        ({"api_host": "::1"}, True),
        ({"api_host": "0.0.0.0"}, False),  # noqa: S104
        ({"database_url": "postgresql://u:p@192.0.2.1/casework"}, False),
        ({"local_accounts": True, "api_host": "192.0.2.1"}, False),
        ({"local_accounts": False}, True),
        ({"public_url": "http://127.0.0.1:8080"}, False),
        ({"proxies": "127.0.0.1"}, False),  # whoever names one is asked through it
        ({"oidc": provided()}, False),
    ],
)
def test_it_is_a_demo_only_where_nobody_else_can_ask(said: dict[str, Any], *, expected: bool) -> None:
    assert Settings(**said).demo is expected


def test_browsers_find_the_desk_where_it_listens_unless_told_otherwise() -> None:
    assert Settings().origin == "http://127.0.0.1:8080"
    assert Settings(api_host="::1", api_port=80).origin == "http://[::1]:80"
    assert Settings(public_url="https://casework.example").origin == "https://casework.example"
