"""What happens to a launched move project and its waves, as it stands in their journals, and who is told about it."""

from enum import StrEnum

from domain.cases.events import Happening, Telling
from domain.people import Role


class MoveHappening(StrEnum):
    """A row's happenings are named after the state that it came to."""

    LAUNCHED = "launched"
    GATE_ASKED = "gate_asked"
    WAVE_OPENED = "wave_opened"
    WAVE_THROUGH = "wave_through"
    WAVE_ENDED = "wave_ended"
    SETTLING = "settling"
    DONE = "done"
    DONE_WITH_EXCEPTIONS = "done_with_exceptions"
    CALLED_OFF = "called_off"
    ROW_WAITING = "row_waiting"
    ROW_IN_FLIGHT = "row_in_flight"
    ROW_OK = "row_ok"
    ROW_FAILED = "row_failed"
    ROW_EXCEPTION = "row_exception"
    ROW_SKIPPED = "row_skipped"
    ROW_ROLLED_BACK = "row_rolled_back"
    NOT_STOPPED = "not_stopped"


# Whoever launched it is its requester.
PROJECT_TELLS: dict[str, tuple[Telling, ...]] = {
    MoveHappening.LAUNCHED: (("project_launched", (Role.REQUESTER, Role.SDM)),),
    "refuse_go": (("project_go_refused", (Role.REQUESTER, Role.COORDINATOR)),),
    "hold": (("project_held", (Role.REQUESTER, Role.COORDINATOR)),),
    Happening.HOLD_ENDED: (("project_hold_ended", (Role.REQUESTER, Role.COORDINATOR)),),
    MoveHappening.SETTLING: (("project_settling", (Role.REQUESTER, Role.COORDINATOR)),),
    MoveHappening.DONE: (("project_ended", (Role.REQUESTER, Role.COORDINATOR, Role.SDM)),),
    MoveHappening.DONE_WITH_EXCEPTIONS: (("project_ended", (Role.REQUESTER, Role.COORDINATOR, Role.SDM)),),
    MoveHappening.CALLED_OFF: (("project_ended", (Role.REQUESTER, Role.COORDINATOR, Role.SDM)),),
}
WAVE_TELLS: dict[str, tuple[Telling, ...]] = {
    MoveHappening.WAVE_OPENED: (("project_wave_opened", (Role.REQUESTER,)),),
    MoveHappening.WAVE_THROUGH: (("project_wave_through", (Role.REQUESTER,)),),
}
