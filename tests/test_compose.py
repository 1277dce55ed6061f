"""What can be known about the production set-up without Docker."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Self

import psycopg
import pytest
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from temporalio.envconfig import ClientConfig

from db.schema import migrate
from settings import Settings
from tests.patience import PATIENCE
from tests.postgres import postgres_host

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()
BIN = Path(sys.executable).parent
OURS = ["init", "api", "worker"]
# What is only started when its profile is asked for.
BESIDE = {"proxy": "proxy", "prometheus": "monitoring", "grafana": "monitoring", "alertmanager": "alerting"}
MONITORING = ROOT / "docs" / "monitoring"


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
    read_only: bool = False
    cap_drop: Sequence[str] = ()
    security_opt: Sequence[str] = ()
    logging: Mapping[str, object]
    mem_limit: str | None = None
    secrets: Sequence[str] = ()
    stop_grace_period: str | None = None
    profiles: Sequence[str] = ()
    cap_add: Sequence[str] = ()
    networks: Sequence[str] | Mapping[str, Mapping[str, str]] = ()
    configs: Sequence[Mapping[str, str]] = ()

    def script(self) -> str:
        return self.command[0].replace("$$", "$")


class Config(BaseModel):
    content: str


class Compose(BaseModel):
    model_config = ConfigDict(extra="allow")

    services: Mapping[str, Service]
    volumes: Annotated[Sequence[str], BeforeValidator(list)]
    secrets: Annotated[Sequence[str], BeforeValidator(list)]
    configs: Mapping[str, Config]
    networks: Mapping[str, Mapping[str, Any]]

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
        "temporal-ui",
        *OURS,
        *BESIDE,
    }
    assert {name: list(service.profiles) for name, service in SERVICES.items() if service.profiles} == {
        name: [profile] for name, profile in BESIDE.items()
    }


def test_only_the_api_or_its_proxy_is_open_to_the_network() -> None:
    open_ports = {name: service.ports for name, service in SERVICES.items() if service.ports}

    assert open_ports == {
        "api": ["${API_PORT:-8080}:8080"],
        "proxy": ["443:443"],
        "temporal-ui": ["127.0.0.1:8233:8080"],
        "grafana": ["127.0.0.1:3000:3000"],
    }


def test_any_number_of_workers_can_run() -> None:
    assert SERVICES["worker"].container_name is None
    assert not SERVICES["worker"].ports


@pytest.mark.parametrize("name", OURS)
def test_every_setting_given_exists(name: str) -> None:
    given = {variable for variable in SERVICES[name].environment if variable.startswith("IMAC_")}

    assert {variable.removesuffix("_FILE") for variable in given} <= {
        f"IMAC_{field.upper()}" for field in Settings.model_fields
    }


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
            assert "test" in SERVICES[other].healthcheck or SERVICES[other].image.startswith("imacflow:")
        elif dependency.condition == "service_started":
            assert name in BESIDE
        else:
            assert dependency.condition == "service_completed_successfully"
            assert SERVICES[other].restart == "on-failure:5"


@pytest.mark.parametrize("name", SERVICES)
def test_each_volume_is_declared(name: str) -> None:
    sources = {volume.split(":")[0] for volume in SERVICES[name].volumes}

    assert {source for source in sources if not source.startswith("./")} <= set(COMPOSE.volumes)
    assert all((ROOT / source).is_file() for source in sources if source.startswith("./"))


@pytest.mark.parametrize("name", SERVICES)
def test_each_secret_and_config_is_declared_and_each_image_has_a_version(name: str) -> None:
    service = SERVICES[name]

    assert set(service.secrets) <= set(COMPOSE.secrets)
    assert {config["source"] for config in service.configs} <= set(COMPOSE.configs)
    # Digests are the operator's to pin: docs/operations.md says how.
    assert re.fullmatch(r"[a-z/-]+:v?\d+(\.\d+)*", service.image)


def test_postgres_data_survives_where_the_image_keeps_it() -> None:
    assert SERVICES["postgres"].image == "postgres:18"
    assert SERVICES["postgres"].volumes == ["postgres:/var/lib/postgresql"]


def test_production_runs_the_version_that_is_embedded() -> None:
    told = subprocess.run([BIN / "temporal", "--version"], capture_output=True, text=True, check=True).stdout
    server, web_ui = re.findall(r"(?:Server|UI) ([\d.]+)", told)

    assert SERVICES["temporal"].image == f"temporalio/server:{server}"
    assert SERVICES["temporal-schema"].image == f"temporalio/admin-tools:{server}"
    assert SERVICES["temporal-ui"].image == f"temporalio/ui:{web_ui}"


def test_scripts_are_valid_shell() -> None:
    scripts = (SERVICES["temporal-schema"].script(), roles())

    assert [subprocess.run(["/bin/sh", "-n", "-c", script], check=False).returncode for script in scripts] == [0, 0]


def test_who_has_no_docker_is_told_to_do_the_same(tmp_path: Path) -> None:
    """Temporal's tables and settings, as docs/operations.md has them typed."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    typed = {line.strip() for line in page.splitlines() if line.startswith("    ")}
    script = SERVICES["temporal-schema"].script()
    for inside, outside in (("--ep postgres", "--ep db.example.com"), ("/etc/temporal/", "")):
        script = script.replace(inside, outside)
    exported = dict(
        setting.split("=", 1)
        for line in typed
        if line.startswith("export DB=") or "SQL_MAX" in line
        for setting in line.split()[1:]
    )
    (dynamic,) = (line for line in typed if line.startswith("printf "))
    subprocess.run(["/bin/bash", "-euc", dynamic], cwd=tmp_path, check=True)

    assert {line.strip() for line in script.splitlines()} <= typed
    # Where things are, and figures that nobody without Prometheus asks for.
    elsewhere = {"POSTGRES_SEEDS", "POSTGRES_PWD", "BIND_ON_IP", "DYNAMIC_CONFIG_FILE_PATH", "PROMETHEUS_ENDPOINT"}
    given = SERVICES["temporal"].environment
    assert {name: exported.get(name) for name in given.keys() - elsewhere} == {
        name: given[name] for name in given.keys() - elsewhere
    }
    written = yaml.safe_load((tmp_path / exported["DYNAMIC_CONFIG_FILE_PATH"]).read_text())
    assert written == yaml.safe_load(COMPOSE.configs["temporal-dynamic-config"].content)


def roles() -> str:
    return COMPOSE.configs["roles"].content.replace("$$", "$")


def test_each_database_has_a_role_of_its_own(tmp_path: Path) -> None:
    """The script of the file, on a real server: neither program gets into the other's database."""
    secret = tmp_path / "database_password"
    secret.write_text("o'u\"rs")
    with postgres_host() as (host, user):
        subprocess.run(
            ["/bin/sh", "-c", roles().replace("/run/secrets/database_password", f"{secret}")],
            env=os.environ | {"PGHOST": host, "PGUSER": user, "TEMPORAL_DB_PASSWORD": "theirs"},
            check=True,
            timeout=PATIENCE,
        )
        migrate(f"postgresql+psycopg://imacflow@/imacflow?host={host}")
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(host=host, user="imacflow", dbname="temporal")
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(host=host, user="temporal", dbname="imacflow")


def test_connections_add_up_to_fewer_than_the_database_has() -> None:
    most = int(SERVICES["postgres"].command[-1].removeprefix("max_connections="))
    each = int(str(SERVICES["api"].environment["IMAC_DATABASE_CONNECTIONS"]).rpartition(":-")[2].strip("}"))
    temporals = sum(int(SERVICES["temporal"].environment[name]) for name in ("SQL_MAX_CONNS", "SQL_VIS_MAX_CONNS"))
    apis, workers, others = 2, 3, 1
    services_of_temporal = 4

    assert (apis + workers + others) * each + services_of_temporal * temporals < most - 10


def test_the_api_believes_its_proxy_and_nobody_else() -> None:
    """The address that the head of the file has one set is the proxy's own, in a net that it shares with the API."""
    networks = SERVICES["proxy"].networks
    assert isinstance(networks, Mapping)
    (address,) = (network["ipv4_address"] for network in networks.values())
    head = (ROOT / "docker-compose.yml").read_text().partition("\nname:")[0]

    (subnet,) = COMPOSE.networks["front"]["ipam"]["config"]
    assert ip_address(address) in ip_network(subnet["subnet"])
    assert list(networks) == ["front"]
    assert "front" in SERVICES["api"].networks
    assert f"IMAC_TRUSTED_PROXIES={address}" in head
    assert "API_PORT=127.0.0.1:8080" in head
    caddy = COMPOSE.configs["caddy"].content
    # Overwritten, not added to: else everybody chooses their own address.
    assert "header_up X-Forwarded-For {remote_host}" in caddy
    assert "reverse_proxy api:8080" in caddy


def test_figures_are_scraped_where_programs_say_them() -> None:
    scraped = yaml.safe_load(COMPOSE.configs["prometheus"].content)["scrape_configs"]
    ours = {one["dns_sd_configs"][0]["names"][0]: one["dns_sd_configs"][0]["port"] for one in scraped[:2]}

    given = SERVICES["api"].environment
    assert ours == {"api": int(given["IMAC_METRICS_PORT"]), "worker": int(given["IMAC_HEALTH_PORT"])}
    assert scraped[2]["static_configs"][0]["targets"] == ["temporal:9090"]
    assert SERVICES["temporal"].environment["PROMETHEUS_ENDPOINT"] == "0.0.0.0:9090"


@pytest.mark.skipif(shutil.which("promtool") is None, reason="there is no promtool here: apt-get install prometheus")
def test_prometheus_reads_its_configuration_and_our_rules(tmp_path: Path) -> None:
    (tmp_path / "prometheus.yml").write_text(COMPOSE.configs["prometheus"].content)
    shutil.copy(MONITORING / "alerts.yaml", tmp_path)

    checked = subprocess.run(
        ["promtool", "check", "config", f"{tmp_path / 'prometheus.yml'}"], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def has_docker_compose() -> bool:
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not has_docker_compose(), reason="there is no Docker Compose here")
def test_docker_compose_reads_the_file() -> None:
    command = ["docker", "compose", "--file", f"{ROOT / 'docker-compose.yml'}", "--profile", "*", "config", "--quiet"]

    subprocess.run(command, env=os.environ | {"TEMPORAL_DB_PASSWORD": "theirs"}, check=True)


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_may_do_little_and_fills_no_disk_with_its_log(name: str) -> None:
    service = SERVICES[name]

    assert (service.cap_drop, service.security_opt) == (["ALL"], ["no-new-privileges:true"])
    assert service.logging == {"driver": "json-file", "options": {"max-size": "10m", "max-file": "5"}}
    assert service.mem_limit or service.restart == "on-failure:5"
    # Both of Temporal's write beside their programs when they start.
    assert service.read_only or name in ("temporal", "temporal-ui")


def test_secrets_of_ours_are_files() -> None:
    for name in OURS:
        given = SERVICES[name].environment
        files = {value.rpartition("/")[2] for variable, value in given.items() if variable.endswith("_FILE")}
        assert set(SERVICES[name].secrets) == files <= set(COMPOSE.secrets)
        assert "IMAC_LINK_SECRET" not in given


def test_an_api_has_time_to_end_its_streams() -> None:
    assert SERVICES["api"].stop_grace_period == "20s"


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
