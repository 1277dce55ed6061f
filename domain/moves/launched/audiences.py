"""What of a launched project and its waves the customer may see: all that happens to its rows."""

from domain.cases import move_commands as told
from domain.cases.audiences import OURS, SHOWN, audiences
from domain.cases.order_commands import Hold, Resume
from domain.moves.launched.events import MoveHappening

MOVE_AUDIENCES = audiences(
    shown=(
        *SHOWN,
        MoveHappening.LAUNCHED,
        MoveHappening.GATE_ASKED,
        MoveHappening.WAVE_OPENED,
        MoveHappening.WAVE_THROUGH,
        MoveHappening.WAVE_ENDED,
        MoveHappening.SETTLING,
        MoveHappening.DONE,
        MoveHappening.DONE_WITH_EXCEPTIONS,
        MoveHappening.CALLED_OFF,
        MoveHappening.ROW_WAITING,
        MoveHappening.ROW_IN_FLIGHT,
        MoveHappening.ROW_OK,
        MoveHappening.ROW_FAILED,
        MoveHappening.ROW_EXCEPTION,
        MoveHappening.ROW_SKIPPED,
        MoveHappening.ROW_ROLLED_BACK,
        MoveHappening.NOT_STOPPED,
        told.Go,
        told.RefuseGo,
        told.Adopt,
        told.CallOff,
        told.Close,
        told.RetryRows,
        told.WithdrawRows,
        told.AssignRows,
        Hold,
        Resume,
    ),
    ours=OURS,
)
