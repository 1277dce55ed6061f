"""The operating manual of a contract on A4: sections of facts and tables, filled with words."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from documents.matrix import PrintedCell, PrintedMatrix, duration, printed, who
from documents.notices import LOCALES
from documents.service_hours import service_hours
from documents.typeset import pdf
from documents.wording import name_of_step, ordered, word, wording
from domain.clocks.ladders import LadderRow, rows_for
from domain.clocks.sla import MADE_TO, ClockKind
from domain.clocks.thresholds import DEADLINE, Threshold
from domain.contracts.catalogue import OfferedItem, in_words
from domain.contracts.contract import Contract
from domain.contracts.manuals import COMPLAINTS, Manual, ManualVendor
from domain.contracts.offers import offered
from domain.contracts.paging import OnDuty
from domain.people import Language, Role
from domain.times import ZERO
from domain.values import Value, clean

# Whatever a contract holds, its manual stays one that is read: longer texts are cut, and of longer lists it is said
# how many more there are.
_LONGEST_TEXT, _LONGEST_NAME = 400, 120
_MOST_ROWS, _MOST_NAMES, _MOST_EXAMPLES = 200, 40, 6
_MINUTE = timedelta(minutes=1)
_INCIDENT_CLOCKS = frozenset({ClockKind.RESPONSE, ClockKind.RESOLUTION, ClockKind.PROMISED})


class PrintedTable(Value):
    """`widths` are shares of the page."""

    columns: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    more: str = ""


class PrintedSection(Value):
    title: str
    notes: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    table: PrintedTable | None = None


class PrintedManual(Value):
    """Everything that is shown, in words; the layout only arranges it. `dated` is the day the version holds from."""

    language: Language
    title: str
    subtitle: str
    customer: str
    contract: str
    contract_name: str
    validity: str
    contents: str
    dated: tuple[int, int, int]
    sections: tuple[PrintedSection, ...]


def manual_pdf(manual: Manual, language: Language) -> bytes:
    """The same manual always becomes the same bytes. Blocking."""
    return pdf("manual", printed_manual(manual, language))


def printed_manual(manual: Manual, language: Language) -> PrintedManual:
    return _Writer(manual, language).written()


class _Writer:
    def __init__(self, manual: Manual, language: Language) -> None:
        self.manual = manual
        self.contract: Contract = manual.contract
        self.language: Language = language
        self.labels = wording(language).words["manual_label"]
        self.matrix: PrintedMatrix | None = printed(manual.matrix, language) if manual.matrix else None

    def written(self) -> PrintedManual:
        contract, day = self.contract, self.contract.valid_from
        sections = (
            self._hours(),
            self._reach(),
            *self._failing(),
            *self._told(),
            self._orders(),
            self._prices(),
            self._named(),
            *self._vendors(),
            self._complaints(),
        )
        return PrintedManual(
            language=self.language,
            title=self.labels["title"],
            subtitle=self.labels["subtitle"],
            customer=self.manual.customer,
            contract=contract.id,
            contract_name=contract.name,
            validity=self._validity(),
            contents=self.labels["contents"],
            dated=(day.year, day.month, day.day),
            sections=sections,
        )

    def _validity(self) -> str:
        contract = self.contract
        days = {"valid_from": contract.valid_from, "valid_until": contract.valid_until}
        told = (
            f"{word('matrix_label', name, self.language)} {format_date(day, 'long', locale=LOCALES[self.language])}"
            for name, day in days.items()
            if day
        )
        return ", ".join((f"{word('matrix_label', 'version', self.language)} {contract.version}", *told))

    def _section(self, name: str, **said: object) -> PrintedSection:
        return PrintedSection.model_validate({"title": self.labels[name], **said})

    def _table(self, columns: Iterable[str], widths: tuple[int, ...], rows: Iterable[tuple[str, ...]]) -> PrintedTable:
        listed = list(rows)
        left_out = len(listed) - _MOST_ROWS
        return PrintedTable(
            columns=tuple(self.labels[column] for column in columns),
            widths=widths,
            rows=tuple(listed[:_MOST_ROWS]),
            more=f"{self.labels['more']}: {left_out}" if left_out > 0 else "",
        )

    def _hours(self) -> PrintedSection:
        calendar = self.contract.calendar
        said = f"{clean(service_hours(calendar, self.language), _LONGEST_TEXT * 2)} ({calendar.zone})"
        return self._section("hours", notes=(said, self.labels["about_hours"]))

    def _reach(self) -> PrintedSection:
        """Hours are said before."""
        facts = tuple((one.label, one.text) for one in self.matrix.reach[1:]) if self.matrix else ()
        rows = ((self._role(one.role), one.name, one.email) for one in self.manual.people)
        return self._section("reach", facts=facts, table=self._table(("role", "name", "mail"), (2, 3, 4), rows))

    def _failing(self) -> Iterator[PrintedSection]:
        if self.matrix is None:
            return
        notes = tuple(self.matrix.labels[name] for name in ("about_priority", "about_response", "about_resolution"))
        table = self._table(("priority", "when", "contact", "promised"), (4, 2, 4, 4), self._cells(self.matrix))
        yield self._section("failing", notes=notes, table=table)
        paging = self.contract.paging
        calls = [(self._after(step.after_minutes), self._called(step.to)) for step in paging.steps]
        calls.append((self.labels["nobody"], self._role(paging.final_owner)))
        yield self._section(
            "called", notes=(self.labels["about_called"],), table=self._table(("when", "who"), (1, 2), calls)
        )

    def _cells(self, matrix: PrintedMatrix) -> Iterator[tuple[str, ...]]:
        for row in matrix.rows:
            examples = (clean(example, _LONGEST_NAME) for example in row.examples[:_MOST_EXAMPLES])
            judged = "\n".join(part for part in (row.title, row.name, *examples) if part)
            for hours, cell in (("in_hours", row.in_hours), ("out_of_hours", row.out_of_hours)):
                if cell is not None:
                    yield judged, matrix.labels[hours], *_said_in(cell)
                    judged = row.title

    def _told(self) -> Iterator[PrintedSection]:
        rows = [
            (_begun_large(word("clock_kind", kind, self.language)), self._point(row.at), self._told_then(row))
            for kind in ClockKind
            if MADE_TO[kind].is_for_customers and (self.manual.matrix or kind not in _INCIDENT_CLOCKS)
            for row in sorted(rows_for(kind, self.contract.ladder), key=lambda row: (row.at.percent, row.at.offset))
            if row.tell
        ]
        if rows:
            table = self._table(("promise", "when", "who"), (2, 3, 4), rows)
            yield self._section("told", notes=(self.labels["about_told"],), table=table)

    def _told_then(self, row: LadderRow) -> str:
        told = ", ".join(word("role", role, self.language) for role in row.tell)
        if not row.every_minutes or row.times == 1:
            return told
        every = f"{word('matrix_label', 'every', self.language)} {duration(row.every_minutes, self.language)}"
        return f"{told} ({every}, {row.times} ×)"

    def _orders(self) -> PrintedSection:
        listed = [item for item in offered(self.contract) if not item.withdrawn]
        columns = ("item", "within", "price", "steps")
        table = self._table(columns, (4, 2, 2, 5), (self._item(item) for item in listed))
        return self._section("orders", notes=(self.labels["about_orders"],), table=table)

    def _item(self, item: OfferedItem) -> tuple[str, ...]:
        language = self.language
        name = clean(ordered(item.name, item.kind, language), _LONGEST_NAME)
        about = clean(in_words(item.description, language), _LONGEST_TEXT)
        price = self._money(item.price) if item.price is not None else word("pricing", item.pricing, language)
        steps = " → ".join(name_of_step(step, language) for step in item.chain.in_order())
        return (
            f"{name}\n{about}" if about else name,
            duration(item.target_minutes, language),
            price,
            clean(steps, _LONGEST_TEXT),
        )

    def _prices(self) -> PrintedSection:
        prices, language = self.contract.prices, self.language
        hours = format_decimal(prices.late_cancellation_hours, locale=LOCALES[language])
        facts = [
            *(
                (self._role(role), f"{self._money(rate)} {self.labels['an_hour']}")
                for role, rate in prices.hourly.items()
            ),
            (self.labels["rounded"], duration(prices.rounding_minutes, language)),
            (self.labels["after_hours"], f"× {format_decimal(prices.after_hours_factor, locale=LOCALES[language])}"),
            (word("charge_reason", "travel", language), self._money(prices.travel)),
            (word("charge_reason", "wasted_visit", language), self._money(prices.wasted_visit)),
            (
                f"{word('charge_reason', 'late_cancellation', language)} (< {hours} h)",
                self._money(prices.late_cancellation),
            ),
        ]
        parts = ((part, self._money(price)) for part, price in sorted(prices.parts.items()))
        table = self._table(("part", "price"), (3, 1), parts) if prices.parts else None
        facts = [(_begun_large(label), text) for label, text in facts]
        return self._section("prices", notes=(self.labels["about_prices"],), facts=tuple(facts), table=table)

    def _named(self) -> PrintedSection:
        named = ((Role.REQUESTER, self.contract.requesters), (Role.APPROVER, self.contract.approvers))
        facts = tuple((self._role(role), self._names(people)) for role, people in named if people)
        return self._section("named", notes=(self.labels["about_named"],), facts=facts)

    def _names(self, people: tuple[str, ...]) -> str:
        told = ", ".join(clean(self.manual.names.get(one, one), _LONGEST_NAME) for one in people[:_MOST_NAMES])
        left_out = len(people) - _MOST_NAMES
        return f"{told}; {self.labels['more']}: {left_out}" if left_out > 0 else told

    def _vendors(self) -> Iterator[PrintedSection]:
        if self.manual.vendors:
            rows = (
                (one.name, self._concern(one), one.site or self.labels["everywhere"]) for one in self.manual.vendors
            )
            table = self._table(("vendor", "concern", "site"), (2, 3, 2), rows)
            yield self._section("vendors", notes=(self.labels["about_vendors"],), table=table)

    def _concern(self, vendor: ManualVendor) -> str:
        said = [part for part in (vendor.manufacturer, vendor.product_class) if part]
        return ", ".join(said) or self.labels["everything"]

    def _complaints(self) -> PrintedSection:
        rows = (
            (self._role(role), one.name, one.email)
            for role in COMPLAINTS
            for one in self.manual.people
            if one.role == role
        )
        notes = (self.labels["about_complaints"],)
        return self._section("complaints", notes=notes, table=self._table(("role", "name", "mail"), (2, 3, 4), rows))

    def _role(self, role: Role) -> str:
        return who(role, self.language)

    def _called(self, to: OnDuty | Role) -> str:
        return _begun_large(word("rota_layer" if isinstance(to, OnDuty) else "role", to, self.language))

    def _after(self, minutes: int) -> str:
        return f"{self.labels['after']} {duration(minutes, self.language)}" if minutes else self.labels["at_once"]

    def _point(self, at: Threshold) -> str:
        point = self.labels["at_deadline"] if at.percent == DEADLINE.percent else f"{at.percent} %"
        if not at.offset:
            return point
        length = duration(abs(at.offset) // _MINUTE, self.language)
        if at.percent == DEADLINE.percent:
            return f"{length} {self.labels['after_deadline' if at.offset > ZERO else 'before_deadline']}"
        return f"{point} {'+' if at.offset > ZERO else '−'} {length}"

    def _money(self, amount: Decimal) -> str:
        return format_currency(amount, "EUR", locale=LOCALES[self.language])


def _said_in(cell: PrintedCell) -> tuple[str, str]:
    contact = "\n".join(f"{one.label}: {one.text}" for one in cell.contact)
    targets = "\n".join(f"{one.label}: {one.text}" for one in cell.targets)
    return contact, f"{targets}\n{cell.counting}"


def _begun_large(words: str) -> str:
    return words[:1].upper() + words[1:]
