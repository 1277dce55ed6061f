"""A rehearsal in pieces, each for a process of its own. Whoever hands them out needs none of the workflows."""

from collections.abc import Sequence
from importlib import import_module

from domain.moves.rehearsals.forecasts import forecast
from domain.moves.rehearsals.rehearsal import RehearsalPack, RunOutcome

# What a process loads that does them; the others do not.
STAGE = "rehearsal.productions"


def one_run(pack: bytes, seed: int) -> bytes:
    outcome: RunOutcome = import_module(STAGE).Production(RehearsalPack.model_validate_json(pack), seed).run()
    return outcome.model_dump_json().encode()


def all_together(pack: bytes, seed: int, runs: Sequence[bytes]) -> bytes:
    """The forecast that the runs make, in the order of their seeds."""
    outcomes = [RunOutcome.model_validate_json(run) for run in runs]
    return forecast(RehearsalPack.model_validate_json(pack), seed, outcomes).model_dump_json().encode()
