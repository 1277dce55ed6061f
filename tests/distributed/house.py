"""The programs of the compose file as processes of this machine, under its own scripts and settings: PostgreSQL,
Temporal, two APIs and three workers, each of which can be killed, stopped and started again.
"""

import os
import secrets
import signal
import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import psycopg
from temporalio.client import Client

from cli.stack.ports import PortChooser
from tests.cli.test_stack import IMAC, outside_environment
from tests.distributed.temporal_build import TemporalBuild
from tests.patience import PATIENCE, eventually
from tests.test_compose import COMPOSE, SERVICES, roles

HOST = "127.0.0.1"
# Dies with whoever has started it, however that one ends.
UNDER_US = ("setpriv", "--pdeathsig=KILL")
AS_POSTGRES = (*UNDER_US, "--reuid=postgres", "--regid=postgres", "--init-groups")
TIME_ZONES = {"PYTHONTZPATH": ""}
_PORTS = PortChooser()


def below_32768() -> int:
    """Temporal keeps its ports as PostgreSQL's smallint."""
    return _PORTS.choose(HOST, asked=None, preferred=19_000 + os.getpid() % 10_000, option="--port")


@dataclass
class Program:
    """One process and how to see that it does its work; a file holds what it says."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    works: Callable[[], bool]
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        with self.log.open("ab") as said:
            # Its own group: whatever it starts can be seen and ended with it.
            self.process = subprocess.Popen(
                self.command, env=self.environment, cwd=self.log.parent, stdout=said, stderr=said, process_group=0
            )

    def await_work(self) -> None:
        def looks() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, f"{self.name} ended: {self.log.read_text()[-2000:]}"
            return self.works()

        eventually(looks)

    def kill(self) -> None:
        """No word of it to the program."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.kill()
            self.process.wait(PATIENCE)

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    @property
    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    @property
    def is_gone(self) -> bool:
        """With everything that it had started."""
        if self.process is None:
            return True
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return True
        return False


@dataclass(frozen=True)
class House:
    folder: Path
    environment: Mapping[str, str]
    postgres: Program
    temporal: Program
    apis: tuple[Program, ...]
    workers: tuple[Program, ...]
    api_ports: tuple[int, ...]
    database_url: str
    key: str

    @property
    def programs(self) -> tuple[Program, ...]:
        return (self.postgres, self.temporal, *self.workers, *self.apis)

    async def temporal_client(self) -> Client:
        return await Client.connect(
            self.environment["TEMPORAL_ADDRESS"], namespace=self.environment["TEMPORAL_NAMESPACE"]
        )


@dataclass(frozen=True)
class Makings:
    """What all programs of one house have in common before the first of them runs."""

    folder: Path
    build: TemporalBuild
    postgres_port: int = field(default_factory=below_32768)
    temporal_port: int = field(default_factory=below_32768)
    ours: str = field(default_factory=lambda: secrets.token_hex(8), repr=False)
    theirs: str = field(default_factory=lambda: secrets.token_hex(8), repr=False)

    @property
    def binaries(self) -> Path:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[-2]))
        return found[-1]

    def postgres(self) -> Program:
        """With the connections of the compose file; what was committed survives its death."""
        home, data = self.folder / "postgres", self.folder / "postgres" / "data"
        home.mkdir()
        self.folder.chmod(0o755)
        subprocess.run(["chown", "postgres", f"{home}"], check=True)
        binaries, quiet = self.binaries, subprocess.DEVNULL
        made = [f"{binaries / 'initdb'}", "-D", f"{data}", "--username=postgres", "--encoding=UTF8"]
        made += ["--auth-host=scram-sha-256", "--auth-local=trust"]
        subprocess.run([*AS_POSTGRES, *made], cwd=home, check=True, stdout=quiet)
        given = SERVICES["postgres"].command[1:]
        command = [f"{binaries / 'postgres'}", "-D", f"{data}", "-k", f"{home}", "-h", HOST, "-p"]
        command += [f"{self.postgres_port}", *given]
        environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        return Program(
            "postgres", [*AS_POSTGRES, *command], environment, self.folder / "postgres.log", self.database_answers
        )

    def database_answers(self) -> bool:
        home = f"{self.folder / 'postgres'}"
        try:
            psycopg.connect(host=home, port=self.postgres_port, user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def make_roles(self) -> None:
        """By the script of the compose file."""
        secret = self.folder / "database_password"
        secret.write_text(self.ours)
        subprocess.run(
            ["/bin/sh", "-c", roles().replace("/run/secrets/database_password", f"{secret}")],
            env={
                **os.environ,
                "PGHOST": f"{self.folder / 'postgres'}",
                "PGPORT": f"{self.postgres_port}",
                "TEMPORAL_DB_PASSWORD": self.theirs,
            },
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def make_temporals_schema(self) -> None:
        """By the script of the compose file, with Temporal's own tool."""
        script = SERVICES["temporal-schema"].script()
        for theirs, here in (
            ("temporal-sql-tool", f"{self.build.sql_tool}"),
            ("--ep postgres --port 5432", f"--ep {HOST} --port {self.postgres_port}"),
            ("/etc/temporal/schema/postgresql/v12", f"{self.build.schema}"),
        ):
            assert theirs in script
            script = script.replace(theirs, here)
        with (self.folder / "schema.log").open("wb") as said:
            subprocess.run(
                ["/bin/sh", "-euc", script],
                env={**os.environ, "SQL_PASSWORD": self.theirs},
                check=True,
                stdout=said,
                stderr=said,
            )

    def temporal(self) -> Program:
        dynamic = self.folder / "dynamic-config.yaml"
        dynamic.write_text(COMPOSE.configs["temporal-dynamic-config"].content)
        ports = {
            f"{part}_{kind}_PORT": f"{below_32768()}"
            for part in ("FRONTEND", "MATCHING", "HISTORY", "WORKER")
            for kind in ("GRPC", "MEMBERSHIP")
        }
        here = {
            **ports,
            "FRONTEND_GRPC_PORT": f"{self.temporal_port}",
            "FRONTEND_HTTP_PORT": f"{below_32768()}",
            "DB_PORT": f"{self.postgres_port}",
            "POSTGRES_SEEDS": HOST,
            "POSTGRES_PWD": self.theirs,
            "BIND_ON_IP": HOST,
            "DYNAMIC_CONFIG_FILE_PATH": f"{dynamic}",
            "PATH": os.environ["PATH"],
        }
        environment = {**SERVICES["temporal"].environment, **here}
        command = [*UNDER_US, f"{self.build.server}", "--allow-no-auth", "start"]
        return Program("temporal", command, environment, self.folder / "temporal.log", self.temporal_answers)

    def temporal_answers(self) -> bool:
        """Its own frontend says so; whether a namespace is there is `imac init`'s."""
        asked = subprocess.run(
            [IMAC.with_name("temporal"), "operator", "cluster", "health", "--address", f"{HOST}:{self.temporal_port}"],
            capture_output=True,
            check=False,
        )
        return asked.returncode == 0

    def environment(self, smtp_port: int) -> dict[str, str]:
        """The settings of the compose file, with addresses of this machine."""
        given = {name: value for name, value in SERVICES["worker"].environment.items() if "${" not in value}
        for name in ("IMAC_URL", "IMAC_HEALTH_PORT", "IMAC_METRICS_PORT"):
            del given[name]
        for name in ("link_secret", "secrets_key"):
            (self.folder / name).write_bytes(b64encode(secrets.token_bytes(32)))
        return {
            **outside_environment(),
            **TIME_ZONES,
            **given,
            "IMAC_DATABASE_URL": f"postgresql://imacflow@{HOST}:{self.postgres_port}/imacflow",
            "IMAC_DATABASE_CONNECTIONS": "20",
            **{f"IMAC_{name.upper()}_FILE": f"{self.folder / name}" for name in ("link_secret", "secrets_key")},
            "IMAC_DATABASE_PASSWORD_FILE": f"{self.folder / 'database_password'}",
            "IMAC_DATA_DIR": f"{self.folder / 'var'}",
            "IMAC_SMTP_HOST": HOST,
            "IMAC_SMTP_PORT": f"{smtp_port}",
            "IMAC_SMTP_STARTTLS": "false",
            "IMAC_MAIL_FROM": "it@provider.example",
            "TEMPORAL_ADDRESS": f"{HOST}:{self.temporal_port}",
            "LANG": "C.UTF-8",
        }

    def api(self, number: int, port: int, environment: Mapping[str, str]) -> Program:
        own = {**environment, "IMAC_API_PORT": f"{port}", "IMAC_METRICS_PORT": f"{below_32768()}"}
        ready = f"http://{HOST}:{port}/health/ready"
        return Program(
            f"api-{number}",
            [*UNDER_US, f"{IMAC}", "api"],
            own,
            self.folder / f"api-{number}.log",
            lambda: says_ok(ready),
        )

    def worker(self, number: int, environment: Mapping[str, str]) -> Program:
        port = below_32768()
        own = {**environment, "IMAC_HEALTH_PORT": f"{port}"}
        ready, log = f"http://{HOST}:{port}/health/ready", self.folder / f"worker-{number}.log"
        return Program(f"worker-{number}", [*UNDER_US, f"{IMAC}", "worker"], own, log, lambda: says_ok(ready))


def says_ok(url: str) -> bool:
    try:
        return httpx2.get(url, trust_env=False, timeout=10).is_success
    except httpx2.TransportError:
        return False


@contextmanager
def house(folder: Path, build: TemporalBuild, smtp_port: int, *, apis: int = 2, workers: int = 3) -> Iterator[House]:
    """From nothing to what answers, as the compose file does it; nothing of it is left afterwards."""
    makings = Makings(folder, build)
    running: list[Program] = []

    def begun(program: Program) -> Program:
        running.append(program)
        program.start()
        return program

    try:
        postgres = begun(makings.postgres())
        postgres.await_work()
        makings.make_roles()
        makings.make_temporals_schema()
        temporal = begun(makings.temporal())
        temporal.await_work()
        environment, key_file = makings.environment(smtp_port), folder / "admin.key"
        subprocess.run(
            [IMAC, "init", "--wait", "120", "--key-file", f"{key_file}"],
            env=environment,
            check=True,
            capture_output=True,
        )
        ports = tuple(below_32768() for _ in range(apis))
        crew = tuple(begun(makings.worker(n + 1, environment)) for n in range(workers))
        doors = tuple(begun(makings.api(n + 1, port, environment)) for n, port in enumerate(ports))
        for program in (*crew, *doors):
            program.await_work()
        url = f"postgresql+psycopg://imacflow:{makings.ours}@{HOST}:{makings.postgres_port}/imacflow"
        yield House(folder, environment, postgres, temporal, doors, crew, ports, url, key_file.read_text().strip())
    finally:
        for program in reversed(running):
            program.kill()
        # A postmaster's children see for themselves that it is gone.
        eventually(lambda: [program.name for program in running if not program.is_gone], lambda left: not left)
