"""Documents to be rated, as short as they can be said, and what comes of them as one text for each line."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.billing.agreement import Simulation
from domain.billing.invoices import Invoice, InvoiceLine, Rated
from domain.billing.rating import simulate

Written = Mapping[str, Any]
Terms = Written | Sequence[Written]
OFFICE = {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def document(terms: Terms, *facts: Written, bill: Sequence[int] = (2,), **more: Any) -> Simulation:  # noqa: ANN401
    """Months of 2026 in Berlin and EUR at 19 %, unless it is said otherwise; period 2 is March."""
    contract = {"currency": "EUR", "zone": "Europe/Berlin", "anchor": "2026-01-01", "months": 1, "vat": ["S", "19"]}
    versions = [terms] if isinstance(terms, Mapping) else terms
    freezes = more.pop("freezes", {})
    if "since" in more:
        contract["from"] = more.pop("since")
    contract |= {"terms": [{"from": "2026-01-01", **one} for one in versions], **more}
    return Simulation.model_validate(
        {"contract": contract, "facts": list(facts), "bill": list(bill), "freezes": freezes}
    )


def rated(terms: Terms, *facts: Written, bill: Sequence[int] = (2,), **more: Any) -> Rated:  # noqa: ANN401
    return simulate(document(terms, *facts, bill=bill, **more))


def lines(terms: Terms, *facts: Written, bill: Sequence[int] = (2,), **more: Any) -> list[list[str]]:  # noqa: ANN401
    """The lines of each invoice."""
    return [told(invoice) for invoice in rated(terms, *facts, bill=bill, **more).invoices]


def told(invoice: Invoice) -> list[str]:
    return [in_words(line) for line in invoice.lines]


def in_words(line: InvoiceLine) -> str:
    """`drawn W1 0.00 100 min period late`: whatever is not empty."""
    minutes = "" if line.minutes is None else f"{line.minutes} min"
    words = (line.reason, line.ref, f"{line.amount}", minutes, line.source, line.cost_centre, "late" * line.late)
    return " ".join(word for word in words if word)


def work(name: str, start: str, minutes: int, role: str = "technician", **more: object) -> Written:
    """`03-10 08:00` is wall time of Berlin in 2026."""
    return {"type": "work", "id": name, "role": role, "start": instant(start), "minutes": minutes, **more}


def order(name: str, done: str, kind: str = "move", **more: object) -> Written:
    return {"type": "order", "id": name, "kind": kind, "done": instant(done), **more}


def fact(kind: str, name: str, **fields: object) -> Written:
    """Times as in `work`."""
    at = {key: instant(value) for key, value in fields.items() if key in TIMES and isinstance(value, str)}
    return {"type": kind, "id": name, **fields, **at}


TIMES = frozenset({"at", "appointment", "told", "accepted", "done"})


def instant(written: str) -> str:
    """What has an offset already is taken as it is."""
    if "T" in written:
        return written
    day, time = written.split()
    day = day if len(day) > len("03-10") else f"2026-{day}"
    summer = "2026-03-29" <= day < "2026-10-25"
    return f"{day}T{time}:00{'+02:00' if summer else '+01:00'}"
