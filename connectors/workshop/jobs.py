"""What passes between the workshop and its processes: a job goes out, a result or a refusal comes back."""

import pickle
import struct
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from domain.refusals import REFUSALS, Problem, Refused, Unacceptable

# Verb and number of a job; with START comes the line on which the job is spoken about.
ORDER = struct.Struct("!cI")
START, STOP = b"+", b"-"
# What is said first on the line of a job that has been begun.
BEGUN = b"b"
MEGA = 1024 * 1024
_REFUSAL: TypeAdapter[tuple[int, list[Problem]]] = TypeAdapter(tuple[int, list[Problem]])


class Limits(NamedTuple):
    """Of one job: seconds of computing, seconds altogether, and bytes beyond those of the process that does it.

    `files`: whether it may write any, in a folder of its own that goes when it ends.
    """

    cpu: int
    wall: int
    memory: int
    files: bool


class Ended(Enum):
    """How a job ended, as the next byte on its line says."""

    DONE = b"d"
    REFUSED = b"r"
    FAILED = b"f"
    NO_MEMORY = b"m"


class WorkshopJob(NamedTuple):
    limits: Limits
    only_bytes: bool
    work: Callable[..., object]
    arguments: tuple[object, ...]


def written_refusal(refused: Refused) -> bytes:
    return _REFUSAL.dump_json((refused.status, list(refused.problems)))


def read_refusal(written: bytes) -> Refused | None:
    """None when it is none: of what a process says that may have been taken over, only known fields are read."""
    try:
        status, problems = _REFUSAL.validate_json(written)
    except ValidationError:
        return None
    return REFUSALS.get(status, Unacceptable)(*problems)


def written_job(job: WorkshopJob) -> bytes:
    return pickle.dumps(job, pickle.HIGHEST_PROTOCOL)
