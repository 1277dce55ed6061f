"""What of an incident its customer may see: how it is judged and who has it, but not our notes, vendors and calls."""

from domain.cases import incident_commands as told
from domain.cases import order_commands as commands
from domain.cases.audiences import OURS, SHOWN, audiences

INCIDENT_AUDIENCES = audiences(
    shown=(
        *SHOWN,
        # Priority and holder stand on the customer's sheet: why they changed is told as well.
        told.Classify,
        told.ChangePriority,
        told.HandOver,
        told.SendTechnician,
        told.Respond,
        told.Inform,
        told.Promise,
        told.Link,
        told.CustomerAnswer,
        told.Merge,
        told.Waive,
        told.Resolve,
        told.Confirm,
        told.Reopen,
        commands.LogWork,
        commands.Hold,
        commands.Resume,
        commands.Migrate,
        commands.Cancel,
    ),
    # A finding is a working note: the customer is told by `inform`, and by the solution.
    ours=(*OURS, told.Diagnose, commands.Dispatch, commands.ReportVendor),
)
