"""How worker and API begin: nothing that modules leave behind is looked through for garbage, neither then nor later."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI


@contextmanager
def lasting() -> Iterator[None]:
    """What comes into being meanwhile is taken to stay as long as the process: all but a thousand small objects do."""
    gc.disable()
    yield
    gc.freeze()
    gc.enable()


def app() -> "FastAPI":
    """For uvicorn's --factory."""
    with lasting():
        made: FastAPI = import_module("api.app").create_app()
    return made


def worker() -> None:
    with lasting():
        program, settings = import_module("worker"), import_module("settings").Settings()
    program.main(settings)


if __name__ == "__main__":
    worker()
