"""A Temporal server elsewhere: TLS, client certificates and keys, by Temporal's own variables."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.testing import WorkflowEnvironment

from cli.errors import CliError
from cli.stack.ground import temporal_trouble
from tests.tls_front import Signer, tls_front
from workflows.client import connect


@pytest.fixture
def house(tmp_path: Path) -> Signer:
    return Signer.of(tmp_path / "house", "house")


@pytest.fixture
def stranger(tmp_path: Path) -> Signer:
    return Signer.of(tmp_path / "stranger", "stranger")


def told(monkeypatch: pytest.MonkeyPatch, address: str, **variables: object) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", address)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "default")
    for name, value in variables.items():
        monkeypatch.setenv(f"TEMPORAL_{name}", f"{value}")


async def test_a_client_certificate_opens_a_server_that_asks_for_one(
    dev_server: WorkflowEnvironment, house: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = house.vouch("worker")
    async with tls_front(_address(dev_server), *house.vouch("server"), clients=house.file) as address:
        ours = {"TLS_CLIENT_CERT_PATH": certificate, "TLS_CLIENT_KEY_PATH": key}
        told(monkeypatch, address, TLS_SERVER_CA_CERT_PATH=house.file, **ours)

        client = await connect(lazy=False)
        found = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace="default"))
        trouble = await temporal_trouble()

    assert found.namespace_info.name == "default"
    assert trouble is None


async def test_an_api_key_is_sent_over_tls_only(
    dev_server: WorkflowEnvironment, house: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with tls_front(_address(dev_server), *house.vouch("server"), clients=None) as address:
        told(monkeypatch, address, API_KEY="c4n4ry", TLS_SERVER_CA_CERT_PATH=house.file)
        client = await connect(lazy=False)
        over_tls = await temporal_trouble()
    told(monkeypatch, _address(dev_server), API_KEY="c4n4ry")
    in_clear = await temporal_trouble()

    assert client.service_client.config.api_key == "c4n4ry"
    assert client.service_client.config.tls
    assert over_tls is None
    assert isinstance(in_clear, CliError)
    assert "c4n4ry" not in f"{in_clear.values}"


Pair = tuple[Path, Path]
Certificates = Callable[[Signer, Signer], tuple[Pair, Pair | None, Path]]

WRONG: dict[str, tuple[Certificates, str]] = {
    "the server's has expired": (
        lambda house, _: (house.vouch("server", timedelta(days=-1)), house.vouch("worker"), house.file),
        "Expired",
    ),
    "the server's is a stranger's": (
        lambda house, stranger: (stranger.vouch("server"), house.vouch("worker"), house.file),
        "UnknownIssuer",
    ),
    "ours is missing": (lambda house, _: (house.vouch("server"), None, house.file), ""),
    "ours has expired": (
        lambda house, _: (house.vouch("server"), house.vouch("worker", timedelta(days=-1)), house.file),
        "",
    ),
    "ours is a stranger's": (
        lambda house, stranger: (house.vouch("server"), stranger.vouch("worker"), house.file),
        "",
    ),
}


@pytest.mark.parametrize(("certificates", "why"), WRONG.values(), ids=WRONG.keys())
async def test_a_certificate_that_is_not_believed_is_one_sentence(
    certificates: Certificates,
    why: str,
    dev_server: WorkflowEnvironment,
    house: Signer,
    stranger: Signer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, ours, believed = certificates(house, stranger)
    async with tls_front(_address(dev_server), *server, clients=house.file) as address:
        pair = {"TLS_CLIENT_CERT_PATH": ours[0], "TLS_CLIENT_KEY_PATH": ours[1]} if ours else {}
        told(monkeypatch, address, TLS="true", TLS_SERVER_CA_CERT_PATH=believed, **pair)

        trouble = await temporal_trouble()

    assert isinstance(trouble, CliError)
    assert (trouble.code, trouble.values["address"]) == ("temporal_away", address)
    assert why in str(trouble.values["reason"])
    assert 0 < len(str(trouble.values["reason"])) < 200


async def test_tls_where_the_server_speaks_none_is_one_sentence_too(
    dev_server: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(monkeypatch, _address(dev_server), TLS="true")

    trouble = await temporal_trouble()

    assert isinstance(trouble, CliError)
    assert (trouble.code, trouble.values["reason"]) == ("temporal_away", "InvalidContentType, no TLS is spoken there")


def _address(server: WorkflowEnvironment) -> str:
    return server.client.service_client.config.target_host
