"""Agreed answers for service windows and clocks, worked out minute by minute."""

from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, NaiveDatetime

from domain.clocks.calendars import Calendar


class Case(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str
    kind: Literal["deadline", "elapsed", "migrated_deadline", "refused"]
    why: str = ""
    calendar: str = ""
    start: AwareDatetime | None = None
    target_minutes: int = 0
    holds: list[tuple[AwareDatetime, AwareDatetime]] = []
    deadline: AwareDatetime | None = None
    since: AwareDatetime | None = Field(None, alias="from")
    until: AwareDatetime | None = Field(None, alias="to")
    minutes: int = 0
    switch_to: str = ""
    switch_at: AwareDatetime | None = None
    local: NaiveDatetime = datetime.min  # noqa: DTZ901
    zone: str = ""


class Golden(BaseModel):
    calendars: dict[str, Calendar]
    cases: list[Case]

    def of(self, kind: str) -> list[Case]:
        return [case for case in self.cases if case.kind == kind]


GOLDEN = Golden.model_validate_json((Path(__file__).parent / "sla-golden.json").read_text())
