"""What can be known about the production set-up without Docker."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

import pytest
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.testing import WorkflowEnvironment

from cli.stack.temporal_server import RETENTION
from settings import Settings
from tests.patience import PATIENCE
from workflows.namespace import SEARCH_ATTRIBUTES

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()
BIN = Path(sys.executable).parent
OURS = ["migrations", "api", "worker"]


class Dependency(BaseModel):
    condition: str


class Service(BaseModel):
    image: str
    command: Sequence[str] = ()
    container_name: str | None = None
    environment: Mapping[str, str] = Field(default_factory=dict)
    depends_on: Mapping[str, Dependency] = Field(default_factory=dict)
    healthcheck: Mapping[str, object] = Field(default_factory=dict)
    ports: Sequence[str] = ()
    volumes: Sequence[str] = ()
    restart: str

    def script(self) -> str:
        return self.command[0].replace("$$", "$")


class Compose(BaseModel):
    model_config = ConfigDict(extra="allow")

    services: Mapping[str, Service]
    volumes: Annotated[Sequence[str], BeforeValidator(list)]

    @classmethod
    def read(cls) -> Self:
        return cls.model_validate(yaml.safe_load((ROOT / "docker-compose.yml").read_text()))


COMPOSE = Compose.read()
SERVICES = COMPOSE.services


def test_the_whole_product_is_described() -> None:
    assert set(SERVICES) == {
        "postgres",
        "temporal-schema",
        "temporal",
        "temporal-namespace",
        "temporal-ui",
        *OURS,
    }


def test_only_the_api_is_open_to_the_network() -> None:
    open_ports = {name: service.ports for name, service in SERVICES.items() if service.ports}

    assert open_ports == {"api": ["${API_PORT:-8080}:8080"], "temporal-ui": ["127.0.0.1:8233:8080"]}


def test_any_number_of_workers_can_run() -> None:
    assert SERVICES["worker"].container_name is None
    assert not SERVICES["worker"].ports


@pytest.mark.parametrize("name", OURS)
def test_every_setting_given_exists(name: str) -> None:
    given = {variable for variable in SERVICES[name].environment if variable.startswith("IMAC_")}

    assert given <= {f"IMAC_{field.upper()}" for field in Settings.model_fields}


def test_every_setting_in_the_image_exists() -> None:
    given = set(re.findall(r"IMAC_[A-Z_]+", DOCKERFILE))

    assert given <= {f"IMAC_{field.upper()}" for field in Settings.model_fields}


def test_settings_left_empty_keep_their_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    optional = [name for name, value in SERVICES["api"].environment.items() if value.endswith(":-}")]
    for name in optional:
        monkeypatch.setenv(name, "")

    assert Settings() == Settings.model_validate({})
    assert "IMAC_SMTP_HOST" in optional


@pytest.mark.parametrize("name", OURS)
def test_each_process_is_told_where_temporal_is(name: str) -> None:
    given = {key: value for key, value in SERVICES[name].environment.items() if key.startswith("TEMPORAL_")}

    connection = ClientConfig.load_client_connect_config(override_env_vars=given)

    assert connection == {"target_host": "temporal:7233", "namespace": "imacflow"}
    assert set(given) == {"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE"}


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_waits_for_what_can_come_true(name: str) -> None:
    for other, dependency in SERVICES[name].depends_on.items():
        if dependency.condition == "service_healthy":
            assert "test" in SERVICES[other].healthcheck
        else:
            assert dependency.condition == "service_completed_successfully"
            assert SERVICES[other].restart == "on-failure:5"


@pytest.mark.parametrize("name", SERVICES)
def test_each_volume_is_declared(name: str) -> None:
    assert {volume.split(":")[0] for volume in SERVICES[name].volumes} <= set(COMPOSE.volumes)


def test_postgres_data_survives_where_the_image_keeps_it() -> None:
    assert SERVICES["postgres"].image == "postgres:18"
    assert SERVICES["postgres"].volumes == ["postgres:/var/lib/postgresql"]


def test_production_runs_the_version_that_is_embedded() -> None:
    told = subprocess.run([BIN / "temporal", "--version"], capture_output=True, text=True, check=True).stdout
    server, web_ui = re.findall(r"(?:Server|UI) ([\d.]+)", told)

    assert SERVICES["temporal"].image == f"temporalio/server:{server}"
    assert SERVICES["temporal-schema"].image == f"temporalio/admin-tools:{server}"
    assert SERVICES["temporal-namespace"].image == f"temporalio/admin-tools:{server}"
    assert SERVICES["temporal-ui"].image == f"temporalio/ui:{web_ui}"


@pytest.mark.parametrize("name", ["temporal-schema", "temporal-namespace"])
def test_scripts_are_valid_shell(name: str) -> None:
    checked = subprocess.run(["/bin/sh", "-n", "-c", SERVICES[name].script()], check=False)

    assert checked.returncode == 0


async def test_the_namespace_script_gives_the_namespace_of_the_embedded_server() -> None:
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=shutil.which("temporal", path=f"{BIN}"),
        dev_server_log_level="error",
    ) as server:
        address = server.client.service_client.config.target_host
        prepare_twice(address)

        client = await Client.connect(address, namespace="imacflow")
        namespace = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace="imacflow"))
        attributes = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace="imacflow")
        )

    assert namespace.config.workflow_execution_retention_ttl.ToTimedelta() == RETENTION == timedelta(days=30)
    assert attributes.custom_attributes == SEARCH_ATTRIBUTES


def prepare_twice(address: str) -> None:
    service = SERVICES["temporal-namespace"]
    environment = {**service.environment, "TEMPORAL_ADDRESS": address, "PATH": f"{BIN}:{os.environ['PATH']}"}
    for _ in range(2):
        subprocess.run(["/bin/sh", "-euc", service.script()], env=environment, check=True, timeout=PATIENCE)


def test_the_image_is_pinned_unprivileged_and_watched() -> None:
    last_stage = DOCKERFILE.rpartition("\nFROM ")[2]

    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"python:3.11-slim"}
    assert "pip install --require-hashes -r" in DOCKERFILE
    assert "USER imacflow" in last_stage
    assert "/health/ready" in last_stage.partition("HEALTHCHECK")[2]


def test_the_image_gets_all_that_the_wheel_holds() -> None:
    packed = re.search(r"only-include = \[(.*)\]", (ROOT / "pyproject.toml").read_text())
    sent = (ROOT / ".dockerignore").read_text().splitlines()

    assert packed is not None
    assert {f"!{name}" for name in re.findall(r'"([^"]+)"', packed[1])} <= set(sent)
