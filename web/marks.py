"""What a state means, as a shape and a colour beside its word. Colours stand for nothing else."""

from collections.abc import Mapping
from enum import StrEnum


class Mark(StrEnum):
    """Each is a symbol of this name in `static/marks.svg` and a class in `static/imac.css`."""

    OK = "ok"
    RUN = "run"
    WAIT = "wait"
    NEED = "need"
    FAILED = "failed"
    UNDONE = "undone"
    LEFT = "left"
    HELD = "held"
    GO = "go"
    LOCK = "lock"
    BELL = "bell"


MARKS: Mapping[str, Mapping[str, Mark]] = {
    "order_state": {
        "requested": Mark.WAIT,
        "approved": Mark.WAIT,
        "scheduled": Mark.WAIT,
        "in_progress": Mark.RUN,
        "awaiting_acceptance": Mark.GO,
        "on_hold": Mark.HELD,
        "completed": Mark.OK,
        "rejected": Mark.LEFT,
        "cancelled": Mark.UNDONE,
        "failed": Mark.FAILED,
    },
    "step_status": {
        "waiting": Mark.LOCK,
        "open": Mark.WAIT,
        "started": Mark.RUN,
        "stuck": Mark.NEED,
        "failed": Mark.FAILED,
        "done": Mark.OK,
        "skipped": Mark.LEFT,
        "undone": Mark.UNDONE,
    },
    "incident_state": {
        "reported": Mark.WAIT,
        "classified": Mark.WAIT,
        "in_progress": Mark.RUN,
        "on_hold": Mark.HELD,
        "resolved": Mark.GO,
        "closed": Mark.OK,
        "cancelled": Mark.UNDONE,
        "merged": Mark.LEFT,
    },
    "project_state": {
        "running": Mark.RUN,
        "on_hold": Mark.HELD,
        "settling": Mark.GO,
        "done": Mark.OK,
        "done_with_exceptions": Mark.FAILED,
        "called_off": Mark.UNDONE,
    },
    "wave_state": {
        "running": Mark.RUN,
        "on_hold": Mark.HELD,
        "through": Mark.OK,
        "done": Mark.OK,
        "done_with_exceptions": Mark.FAILED,
        "called_off": Mark.UNDONE,
    },
    "gate_state": {
        "shut": Mark.LOCK,
        "asked": Mark.GO,
        "refused": Mark.HELD,
        "timed": Mark.WAIT,
        "open": Mark.RUN,
        "called_off": Mark.UNDONE,
    },
    "workplace_state": {
        "waiting": Mark.WAIT,
        "in_flight": Mark.RUN,
        "ok": Mark.OK,
        "failed": Mark.FAILED,
        "exception": Mark.NEED,
        "skipped": Mark.LEFT,
        "rolled_back": Mark.UNDONE,
    },
    "row_fate": {
        "not_begun": Mark.LEFT,
        "finishes": Mark.RUN,
        "finishes_anyway": Mark.RUN,
        "rolled_back": Mark.UNDONE,
        "kept": Mark.OK,
        "kept_anyway": Mark.OK,
        "stays_open": Mark.NEED,
    },
    "attempt": {
        "claimed": Mark.RUN,
        "sent": Mark.OK,
        "failed": Mark.HELD,
        "undeliverable": Mark.FAILED,
        "nobody": Mark.LEFT,
    },
    "page_state": {
        "calling": Mark.BELL,
        "acknowledged": Mark.RUN,
        "unanswered": Mark.NEED,
        "stopped": Mark.OK,
    },
}


def mark_of(noun: str, value: str) -> Mark:
    return MARKS[noun].get(value, Mark.WAIT)


_HAPPENINGS: Mapping[str, Mark] = {
    "step_done": Mark.OK,
    "completed": Mark.OK,
    "approve": Mark.OK,
    "accept": Mark.OK,
    "verify": Mark.OK,
    "complete": Mark.OK,
    "step_stuck": Mark.NEED,
    "deadline_missed": Mark.FAILED,
    "failed": Mark.FAILED,
    "notice_undeliverable": Mark.FAILED,
    "threshold_reached": Mark.BELL,
    "page_sent": Mark.BELL,
    "hold": Mark.HELD,
    "step_undone": Mark.UNDONE,
    "cancelled": Mark.UNDONE,
    "skip": Mark.LEFT,
    "step_opened": Mark.RUN,
    "start": Mark.RUN,
    "launched": Mark.RUN,
    "gate_asked": Mark.GO,
    "go": Mark.OK,
    "refuse_go": Mark.HELD,
    "wave_opened": Mark.RUN,
    "wave_through": Mark.OK,
    "done": Mark.OK,
    "done_with_exceptions": Mark.FAILED,
    "called_off": Mark.UNDONE,
    "call_off": Mark.UNDONE,
    "row_in_flight": Mark.RUN,
    "row_ok": Mark.OK,
    "row_failed": Mark.FAILED,
    "row_exception": Mark.NEED,
    "row_skipped": Mark.LEFT,
    "row_rolled_back": Mark.UNDONE,
    "withdraw_rows": Mark.LEFT,
}


def happening_mark(what: str) -> Mark:
    return _HAPPENINGS.get(what, Mark.WAIT)
