"""What every command that asks the API shares: options, the connection, and how answers are printed."""

import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import httpx2
from cyclopts import Parameter
from rich.console import Console, RenderableType

from cli.http import Api, callers_key, connected
from cli.stack.programs import read_settings
from cli.stack_file import api_url
from cli.words import spoken_here
from documents.wording import LANGUAGES
from domain.people import Language


@Parameter(name="*", group="Common")
@dataclass(frozen=True, kw_only=True)
class Asking:
    json: Annotated[bool, Parameter(negative="", show_default=False)] = False
    "Print the response as JSON only."
    lang: Language | None = None
    "Output language; defaults to LANG."
    data_dir: Annotated[Path | None, Parameter(show_default=False)] = None
    "Data directory of the stack; defaults to IMAC_DATA_DIR or ./var."

    @property
    def language(self) -> Language:
        return self.lang or spoken_here()

    @property
    def console(self) -> Console:
        # Lines that are cut at 80 columns are of no use to grep.
        return Console(highlight=False, width=None if sys.stdout.isatty() else 160)

    @asynccontextmanager
    async def api(self) -> AsyncIterator[Api]:
        settings = read_settings(self.data_dir)
        url = api_url(settings)
        async with connected(url, callers_key(settings, url), self.language) as api:
            yield api

    def show(self, answer: httpx2.Response, picture: Callable[[], RenderableType]) -> None:
        """Print one answer: as it came for programs, as a picture for people."""
        if self.json:
            sys.stdout.write(f"{answer.text}\n")
        else:
            self.console.print(picture())


ASKING = Asking()


def asked_for(typed: Sequence[str]) -> Language:
    """What --lang says, also to a command that ended before its options were read."""
    for option, following in pairwise((*typed, "")):
        name, sign, value = option.partition("=")
        for language in LANGUAGES:
            if name == "--lang" and language == (value if sign else following):
                return language
    return spoken_here()
