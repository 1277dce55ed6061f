"""Secrets come from the environment or from a file that it names, and no other way says them."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from settings import SECRETS, Settings

CANARY = "c4n4ry-Šecret"


def of(settings: Settings, name: str) -> object:
    value = getattr(settings, name)
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def faults(error: ValidationError) -> set[tuple[str, str]]:
    found = {(".".join(map(str, fault["loc"])), fault["type"]) for fault in error.errors()}
    # What follows from a wrong setting is not wrong itself.
    return {(where, what) for where, what in found if what != "default_factory_not_called"}


def test_every_secret_may_be_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        value = "postgresql://u@h/d" if name == "database_url" else f"{CANARY}-{name}"
        (tmp_path / name).write_text(f"{value}\n")
        monkeypatch.setenv(f"IMAC_{name.upper()}_FILE", f"{tmp_path / name}")

    settings = Settings()

    assert of(settings, "database_url") == "postgresql+psycopg://u:c4n4ry-%C5%A0ecret-database_password@h/d"
    assert {of(settings, name) for name in SECRETS[1:]} == {f"{CANARY}-{name}" for name in SECRETS[1:]}


def test_whatever_is_a_secret_can_be_in_a_file() -> None:
    secret = {name for name, field in Settings.model_fields.items() if "SecretStr" in f"{field.annotation}"}

    assert secret == set(SECRETS) - {"database_url"}


def test_all_that_is_wrong_with_files_is_said_at_once_and_nothing_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe" + CANARY.encode())
    (tmp_path / "given").write_text(CANARY)
    for variable, file in {
        "LINK_SECRET": "empty",
        "SECRETS_KEY": "bytes",
        "SMTP_PASSWORD": "missing",
        "KEY": ".",
        "DATABASE_PASSWORD": "given",
    }.items():
        monkeypatch.setenv(f"IMAC_{variable}_FILE", f"{tmp_path / file}")
    monkeypatch.setenv("IMAC_DATABASE_PASSWORD", CANARY)
    monkeypatch.setenv("IMAC_API_PORT", "eighty")

    with pytest.raises(ValidationError) as wrong:
        Settings()

    assert faults(wrong.value) == {
        ("link_secret", "secret_file_no_text"),
        ("secrets_key", "secret_file_no_text"),
        ("smtp_password", "secret_file_unreadable"),
        ("key", "secret_file_unreadable"),
        ("database_password", "secret_given_twice"),
        ("api_port", "int_parsing"),
    }
    assert CANARY not in str(wrong.value)


@pytest.mark.parametrize(
    ("url", "password", "means"),
    [
        pytest.param("postgres://u@h:1/d", None, "postgresql+psycopg://u@h:1/d", id="as others write it"),
        pytest.param("postgresql://u@h/d", "p@:/ %w", "postgresql+psycopg://u:p%40%3A%2F%20%25w@h/d", id="escaped"),
        pytest.param("postgresql+psycopg://u@/d?host=/run", "x", "postgresql+psycopg://u:x@/d?host=/run", id="socket"),
        pytest.param("sqlite:////tmp/a.db", "x", "sqlite+aiosqlite:////tmp/a.db", id="a file has no password"),
    ],
)
def test_a_database_is_addressed(url: str, password: str | None, means: str) -> None:
    assert Settings(database_url=url, database_password=password and SecretStr(password)).database_url == means


@pytest.mark.parametrize(
    ("url", "why"),
    [
        pytest.param("mysql://u@h/d", "database_url_malformed", id="another product"),
        pytest.param(f"{CANARY}", "database_url_malformed", id="no address"),
        pytest.param(f"postgresql://u:{CANARY}@h/d", "secret_given_twice", id="has its password already"),
        pytest.param("postgresql://h/d", "database_url_without_user", id="nobody's password"),
        pytest.param("postgresql://u@[h/d", "database_url_malformed", id="an address that is cut off"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_and_not_repeated(url: str, why: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        Settings(database_url=url, database_password=SecretStr("x"))

    assert faults(wrong.value) == {("database_url", why)}
    assert CANARY not in str(wrong.value)
