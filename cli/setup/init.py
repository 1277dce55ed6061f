"""`imac init`: what has to be there before anything runs, made any number of times, by any number at once."""

import asyncio
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from pydantic import BaseModel
from rich.console import Console
from temporalio.client import Client

from cli.asking import ASKING, Asking
from cli.error_words import show
from cli.errors import CliError, Exit
from cli.stack.arrival import TroubleLook, until_there
from cli.stack.ground import asked_temporal, database_trouble, namespace_trouble, opened
from cli.stack.migrating import migrate_database
from cli.stack.programs import keep_private, know_the_stack, must_be_whole, read_settings
from cli.stack.shared_secrets import agree, must_be_given
from cli.words import phrase
from db.access.keys import make_first_key, write_privately
from db.engine import Database
from db.revisions import HEAD
from domain.keys import NewKey, key_id_of
from settings import Settings
from workflows.namespace import prepare

Seconds = Annotated[float, Parameter(validator=Number(gte=0))]
# Bytes of a key file are few; what is longer is somebody's own file.
_KEY_FILE = 200


class Initial(BaseModel):
    """What `--json` says; `key` only where it was made now and no file was named for it."""

    schema_revision: str
    namespace: str
    key_made: bool
    key: str | None = None
    key_file: str | None = None


async def init(*, key_file: Path | None = None, wait: Seconds = 60, asking: Asking = ASKING) -> None:
    """Prepare the database, the Temporal namespace and the first administrator's key. Safe to repeat.

    The key is made only while no administrator has a valid one, and printed once.

    Parameters
    ----------
    key_file
        File to write the key to, readable by its owner only, instead of printing it.
    wait
        Seconds to wait for database and Temporal before giving up.
    """
    know_the_stack(asking.data_dir)
    settings = read_settings(asking.data_dir)
    keep_private()
    must_be_given(settings)
    must_be_whole(settings.database_url)
    await Beginning(settings, asking, key_file, wait).run()


@dataclass(frozen=True)
class Beginning:
    settings: Settings
    asking: Asking
    key_file: Path | None
    wait: float

    async def run(self) -> None:
        async with opened(self.settings) as database:
            await self.until(partial(self.database_away, database))
            await asyncio.to_thread(migrate_database, self.settings.database_url)
            await agree(database, self.settings)
            self.tell("init_database", schema=HEAD)
            namespace = await self.namespace()
            made = await make_first_key(database, datetime.now(UTC), partial(self.hand_over, namespace))
        if not made:
            self.tell("init_key_exists")
            self.answer(Initial(schema_revision=HEAD, namespace=namespace, key_made=False))
        elif self.key_file is not None:
            self.tell("init_key_in_file", file=self.key_file)

    async def until(self, look: TroubleLook) -> None:
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        await until_there(look, lambda trouble: show(trouble, self.asking.language, console), self.wait)

    async def database_away(self, database: Database) -> CliError | None:
        trouble = await database_trouble(database)
        return None if trouble is not None and trouble.code == "schema_behind" else trouble

    async def namespace(self) -> str:
        """Its name, once it is as it must be."""
        names: list[str] = []

        async def prepared(client: Client) -> CliError | None:
            names[:] = [client.namespace]
            retention = timedelta(days=self.settings.retention_days)
            found = await prepare(client, retention)
            return namespace_trouble(client, found, retention)

        await self.until(partial(asked_temporal, prepared))
        self.tell("init_namespace", namespace=names[0], days=self.settings.retention_days)
        return names[0]

    def hand_over(self, namespace: str, key: NewKey) -> None:
        """Raises `CliError` where the key reaches nobody; then it is not kept either."""
        said = Initial(schema_revision=HEAD, namespace=namespace, key_made=True)
        if self.key_file is None:
            self.tell("init_key", key=key.id)
            self.answer(said.model_copy(update={"key": key.key}), alone=key.key)
            return
        keep_in_file(self.key_file, key.key)
        self.answer(said.model_copy(update={"key_file": f"{self.key_file}"}))

    def tell(self, name: str, **values: object) -> None:
        """Beside the answer: a pipe takes the key and nothing else."""
        Console(stderr=True, highlight=False, soft_wrap=True).print(
            phrase(name, self.asking.language, **values), markup=False
        )

    def answer(self, initial: Initial, alone: str | None = None) -> None:
        text = initial.model_dump_json(exclude_none=True) if self.asking.json else alone
        if text is None:
            return
        try:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()
        except OSError as error:
            raise CliError("key_not_shown", Exit.REFUSED, reason=error.strerror) from None


def keep_in_file(file: Path, key: str) -> None:
    """Take the place of a key that opens nothing, and of nothing else."""
    try:
        if file.exists() and key_id_of(file.read_bytes()[:_KEY_FILE].decode("ascii", "replace").strip()) is None:
            raise CliError("key_file_taken", Exit.USAGE, file=file)
        write_privately(file, key)
    except OSError as error:
        raise CliError("file_unwritable", Exit.USAGE, file=file, reason=error.strerror) from None
