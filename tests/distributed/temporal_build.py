"""A real Temporal server for PostgreSQL: the one named by IMAC_TEMPORAL_SERVER, else one built once into a cache.

`python -m tests.distributed.temporal_build` builds it: about seven minutes of CPU, 149 MB, with Go's own module cache.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
MODULE = "go.temporal.io/server"
PROGRAMS = {"temporal-server": "./cmd/server", "temporal-sql-tool": "./cmd/tools/sql"}
SCHEMA = Path("schema/postgresql/v12")


def version() -> str:
    """The one of the compose file: what is tested is what is described."""
    found = re.search(r"image: temporalio/server:([\d.]+)", (ROOT / "docker-compose.yml").read_text())
    assert found is not None
    return found[1]


@dataclass(frozen=True)
class TemporalBuild:
    """`temporal-sql-tool` and the folder `schema` lie beside the server."""

    server: Path

    @property
    def sql_tool(self) -> Path:
        return self.server.with_name("temporal-sql-tool")

    @property
    def schema(self) -> Path:
        return self.server.parent / SCHEMA

    @property
    def missing(self) -> Path | None:
        return next((path for path in (self.server, self.sql_tool, self.schema) if not path.exists()), None)


def cached() -> TemporalBuild:
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return TemporalBuild(caches / "imacflow" / f"temporal-{version()}" / "temporal-server")


def temporal_build() -> TemporalBuild:
    named = os.environ.get("IMAC_TEMPORAL_SERVER")
    return TemporalBuild(Path(named).absolute()) if named else cached()


def build(into: Path) -> None:
    """All of it or nothing: the folder comes into being when everything is in it."""
    told = subprocess.run(
        ["go", "mod", "download", "-json", f"{MODULE}@v{version()}"], check=True, capture_output=True, text=True
    )
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into.parent) as folder:
        # Go writes nothing into its own cache but by itself: built is a copy.
        source, made = Path(folder) / "source", Path(folder) / "made"
        shutil.copytree(json.loads(told.stdout)["Dir"], source, copy_function=shutil.copyfile)
        for directory in (source, *(path for path in source.rglob("*") if path.is_dir())):
            directory.chmod(0o755)
        for name, package in PROGRAMS.items():
            command = ["go", "build", "-p", "1", "-trimpath", "-buildvcs=false", "-ldflags=-s -w"]
            subprocess.run([*command, "-o", f"{made / name}", package], cwd=source, check=True)
        shutil.copytree(source / SCHEMA, made / SCHEMA)
        made.rename(into)


def main() -> None:
    wanted = temporal_build()
    if wanted.missing is None:
        sys.stdout.write(f"{wanted.server} is there\n")
    elif "IMAC_TEMPORAL_SERVER" in os.environ:
        sys.exit(f"IMAC_TEMPORAL_SERVER: there is no {wanted.missing}")
    elif shutil.which("go") is None:
        sys.exit("No Go here to build a Temporal server with: name one by IMAC_TEMPORAL_SERVER")
    else:
        sys.stdout.write(f"Builds Temporal {version()} into {wanted.server.parent}: some minutes, once\n")
        build(wanted.server.parent)


if __name__ == "__main__":
    main()
