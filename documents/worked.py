"""Hours and acceptances in words: what the time sheet and the acceptance protocol of an order say."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from documents.floor_words import printed_at
from documents.wording import name_of_step, word, wording
from domain.orders.charges import WorkLog
from domain.orders.progress import OwnPeopleStint
from domain.orders.protocols import Protocol
from domain.orders.worked.acceptances import DoneWork, WorkAccepted
from domain.people import Language


class Signing(NamedTuple):
    """Who answers for one half of a paper; without a person and a time they are written by hand."""

    role: str
    party: str = ""
    person: str = ""
    at: str = ""


class WorkWords:
    def __init__(self, made: Protocol, names: Mapping[str, str], language: Language) -> None:
        self.made = made
        self.names = names
        self.language = language
        self.labels = wording(language).words["protocol_label"]
        self.steps = {step.id: name_of_step(step, language) for step in made.steps}

    def time_rows(self) -> tuple[tuple[str, ...], ...]:
        stretches = self.made.times.stretches if self.made.times else ()
        return tuple(self._stretch(one) for one in stretches)

    def _stretch(self, one: WorkLog) -> tuple[str, ...]:
        parts = ", ".join(f"{use.quantity} × {use.part}" for use in one.parts)
        wasted = self.labels["wasted"] if one.wasted else ""
        return (
            self._at(one.started_at),
            self._at(one.ended_at),
            self.steps.get(one.step, one.step),
            self._person(one.person),
            f"{one.minutes}",
            parts,
            ": ".join(said for said in (wasted, one.note) if said),
        )

    def total(self) -> str:
        minutes = self.made.times.minutes if self.made.times else 0
        return f"{self.labels['total']}: {minutes} min ({minutes // 60}:{minutes % 60:02d} h)"

    def notes(self) -> Iterator[str]:
        yield from (self._theirs(one) for one in (self.made.times.own_people if self.made.times else ()))
        accepted = self.made.accepted
        if accepted is None:
            return
        yield from (self._done(one) for one in accepted.done)
        for back in accepted.sent_back:
            yield f"{self.labels['sent_back']}: {self._told(back.person, back.at)}: {back.reason}"
        yield self._accepted(accepted)
        yield from (f"{self.labels['signature_kept']}: {digest[:16]}" for digest in accepted.signatures)

    def _theirs(self, one: OwnPeopleStint) -> str:
        until = self._at(one.until) if one.until else ""
        step = self.steps.get(one.step, one.step)
        return f"{self.labels['with_own_people']}: {step}, {self._at(one.since)} – {until}, {one.minutes or 0} min"

    def _done(self, one: DoneWork) -> str:
        list_words = ", ".join(word("checklist", item, self.language) for item in one.checklist)
        ticked = f" ({list_words})" if list_words else ""
        return f"{self.labels['done']}: {self.steps.get(one.step, one.step)}{ticked}, {self._told(one.person, one.at)}"

    def _accepted(self, accepted: WorkAccepted) -> str:
        if accepted.person is None or accepted.role is None:
            return self.labels["deemed"].format(days=accepted.deemed_after_days)
        role = word("role", accepted.role, self.language)
        why = f": {accepted.reason}" if accepted.reason else ""
        return f"{self.labels['accepted']}: {self._told(accepted.person, accepted.at)} ({role}){why}"

    def sides(self) -> Iterator[Signing]:
        """A time sheet is signed by the customer; of an acceptance both sides are named."""
        accepted = self.made.accepted
        customer = self.made.customer_name or self.made.customer
        if self.made.times is not None:
            yield Signing(self.labels["for_customer"], customer)
        if accepted is None:
            return
        if accepted.done:
            last = max(accepted.done, key=lambda one: one.at)
            yield Signing(self.labels["by_provider"], "", self._person(last.person), self._at(last.at))
        yield Signing(self.labels["for_customer"], customer, self._person(accepted.person), self._at(accepted.at))

    def _told(self, person: str, at: datetime) -> str:
        return f"{self._person(person)}, {self._at(at)}"

    def _at(self, at: datetime) -> str:
        return printed_at(at, self.made.zone, self.language)

    def _person(self, person: str | None) -> str:
        return self.names.get(person, person) if person else ""
