"""Papers of an order on A4, of goods and of work: one layout, filled with words."""

from collections.abc import Iterator

from documents.floor_words import printed_at, printed_day, way_to
from documents.typeset import pdf
from documents.waste_lists import kilograms
from documents.wording import word, wording
from documents.worked import Signing, WorkWords
from domain.contracts.catalogue import in_words
from domain.orders.protocols import Protocol, ProtocolKind, ProtocolLine, Side
from domain.people import Language
from domain.times import zone
from domain.values import Value
from domain.vendors.certificates import VendorCertificate

COLUMNS = {
    ProtocolKind.HANDOVER_PROTOCOL: ("tag", "serial", "device", "method", "condition"),
    ProtocolKind.ERASURE_CERTIFICATE: (
        "tag",
        "serial",
        "method",
        "standard",
        "tool",
        "verification",
        "people",
        "when",
        "report",
    ),
    ProtocolKind.DISPOSAL_LIST: ("tag", "serial", "device", "document_no", "code", "kilograms", "battery"),
    ProtocolKind.TIME_SHEET: ("from", "until", "work", "person", "minutes", "parts", "note"),
    ProtocolKind.ACCEPTANCE_PROTOCOL: ("tag", "serial", "device", "place"),
}
_WIDE = (ProtocolKind.ERASURE_CERTIFICATE, ProtocolKind.TIME_SHEET)
_OF_WORK = (ProtocolKind.TIME_SHEET, ProtocolKind.ACCEPTANCE_PROTOCOL)


class PrintedSide(Value):
    role: str
    party: str
    person: str
    at: str


class PrintedProtocol(Value):
    """Everything that is shown, in words; the layout only arranges it. `prose` keeps words whole."""

    language: Language
    title: str
    facts: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    count: str
    notes: tuple[str, ...]
    sides: tuple[PrintedSide, ...]
    signature: str
    dated: tuple[int, int, int]
    wide: bool
    prose: bool = False


def protocol_pdf(made: Protocol, names: dict[str, str], language: Language) -> bytes:
    """The same protocol always becomes the same bytes. `names` are those of people. Blocking."""
    return pdf("protocol", printed_protocol(made, names, language))


def printed_protocol(made: Protocol, names: dict[str, str], language: Language) -> PrintedProtocol:
    labels = wording(language).words["protocol_label"]
    day = made.dated.astimezone(zone(made.zone))
    columns = COLUMNS[made.kind]
    work = WorkWords(made, names, language)
    return PrintedProtocol(
        language=language,
        title=word("protocol", made.kind, language),
        facts=tuple((labels[name], text) for name, text in _facts(made, language)),
        columns=tuple(labels[column] for column in columns),
        rows=work.time_rows()
        or tuple(tuple(_cell(column, line, made, names, language) for column in columns) for line in made.lines),
        count=work.total() if made.times else f"{labels['count']}: {len(made.lines)}",
        notes=(*_notes(made, labels), *work.notes()),
        sides=tuple(PrintedSide(**side._asdict()) for side in (*_sides(made, names, language), *work.sides())),
        signature=labels["signature"],
        dated=(day.year, day.month, day.day),
        wide=made.kind in _WIDE,
        prose=made.kind in _OF_WORK,
    )


def _facts(made: Protocol, language: Language) -> Iterator[tuple[str, str]]:
    yield "order", made.order
    yield "customer", made.customer_name or made.customer
    yield "site", made.site
    if made.reference:
        yield "reference", made.reference
    if made.item_name:
        yield "item", in_words(made.item_name, language)
    if made.serial:
        yield "serial", made.serial
    if made.custodian is not None and made.custodian.certificate is not None:
        yield "certificate", certificate_said(made.custodian.certificate.certificate, language)
    yield "dated", f"{printed_at(made.dated, made.zone, language)} ({made.zone})"


def certificate_said(held: VendorCertificate, language: Language) -> str:
    kind = word("certificate_kind", held.kind, language)
    days = " – ".join(printed_day(day, language) for day in (held.valid_from, held.valid_until))
    return f"{kind}, {held.number}, {days}"


def _notes(made: Protocol, labels: dict[str, str]) -> Iterator[str]:
    yield labels[f"says_{made.kind}"]
    yield from (f"{labels['validation']}: {said}" for said in made.validations)


def _sides(made: Protocol, names: dict[str, str], language: Language) -> Iterator[Signing]:
    for role, side in (("giver", made.giver), ("taker", made.taker)):
        if side is not None:
            yield _side(role, side, made, names, language)


def _side(role: str, side: Side, made: Protocol, names: dict[str, str], language: Language) -> Signing:
    return Signing(
        role=word("side", role, language),
        party=word("party", side.party, language),
        person=names.get(side.person, side.person),
        at=printed_at(side.at, made.zone, language),
    )


def _cell(column: str, line: ProtocolLine, made: Protocol, names: dict[str, str], language: Language) -> str:
    said: dict[str, str | None] = {
        "device": line.name,
        "place": way_to(line.place, {}) if line.place else None,
        "method": word("erasure_method", line.method, language) if line.method else None,
        # To be written by hand.
        "condition": None,
        "people": ", ".join(names.get(one, one) for one in (line.operator, line.verifier) if one),
        "when": printed_at(line.at, made.zone, language) if line.at else None,
        "report": line.report[:16] if line.report else wording(language).words["protocol_label"]["typed"],
        "kilograms": kilograms(line.grams, language),
        "battery": word("battery", line.battery, language) if line.battery else None,
    }
    return (said[column] if column in said else getattr(line, column)) or ""
