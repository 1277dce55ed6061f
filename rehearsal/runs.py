"""Many runs of one rehearsal, side by side on the cores there are."""

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

from domain.moves.rehearsals.forecasts import Rehearsal, forecast
from domain.moves.rehearsals.rehearsal import RehearsalPack, RunOutcome
from rehearsal.productions import Production

RunsDone = Callable[[int, int], None]
_SELDOM = 50_000, 20, 50


def rehearse(
    pack: RehearsalPack, *, runs: int, seed: int = 0, processes: int | None = None, progress: RunsDone | None = None
) -> Rehearsal:
    """The same pack, runs and seed give the same forecast, in however many processes.

    `progress` is told how many of all runs are done.
    """
    seeds = range(seed * runs, (seed + 1) * runs)
    workers = min(processes or os.cpu_count() or 1, runs)
    outcomes: dict[int, RunOutcome] = {}
    for outcome in _in_this_process(pack, seeds) if workers == 1 else _in_processes(pack, seeds, workers):
        outcomes[outcome.seed] = outcome
        if progress is not None:
            progress(len(outcomes), runs)
    return forecast(pack, seed, [outcomes[one] for one in seeds])


def _in_this_process(pack: RehearsalPack, seeds: Sequence[int]) -> Iterator[RunOutcome]:
    return (Production(pack, seed).run() for seed in seeds)


def _in_processes(pack: RehearsalPack, seeds: Sequence[int], workers: int) -> Iterator[RunOutcome]:
    # A forked process would share locks with the threads of whoever asks.
    context = multiprocessing.get_context("spawn")
    written = pack.model_dump_json()
    with ProcessPoolExecutor(workers, context, initializer=_hand_out, initargs=(written,)) as pool:
        for done in as_completed([pool.submit(_run, seed) for seed in seeds]):
            yield RunOutcome.model_validate_json(done.result())


class _Copy:
    """The pack as this process has it."""

    pack: RehearsalPack


def _hand_out(written: str) -> None:
    _Copy.pack = RehearsalPack.model_validate_json(written)
    # Finished workflows leave cycles behind, but looking for them as often as usual is up to a quarter of all the work;
    # what is here now is looked through for them no more.
    gc.freeze()
    gc.set_threshold(*_SELDOM)


def _run(seed: int) -> str:
    return Production(_Copy.pack, seed).run().model_dump_json()
