"""How worker and API begin: they wait for what they stand on; what modules leave is not searched for garbage."""

import gc
import sys
from collections.abc import Iterator, Sequence
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
        made: FastAPI = import_module("web.site").create_site()
    return made


def api(options: Sequence[str]) -> None:
    """Wait, then serve with uvicorn's own options."""
    with lasting():
        import_module("web.site")
        arrival = import_module("cli.stack.arrival")
    arrival.ready_settings(also_temporal=False)
    import_module("uvicorn").main(list(options), prog_name="imac api")


def worker() -> None:
    with lasting():
        program, arrival = import_module("worker"), import_module("cli.stack.arrival")
    program.main(arrival.ready_settings(also_temporal=True))


def main(typed: Sequence[str]) -> None:
    match typed:
        case ["api", *options]:
            api(options)
        case _:
            worker()


if __name__ == "__main__":
    main(sys.argv[1:])
