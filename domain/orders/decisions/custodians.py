"""To whom goods may be given: a vendor with the certificate that the contract asks for, or nobody."""

from collections.abc import Iterator

from domain.cases.lookups import CustodianFound
from domain.cases.order_commands import ConfirmCustody
from domain.contracts.chains import Custody
from domain.orders.decisions.asked import OrderAsked
from domain.orders.departures import certificate_at
from domain.orders.progress import Custodian
from domain.refusals import Problem

AT = "/vendor"


def custodian_problems(asked: OrderAsked, command: ConfirmCustody) -> Iterator[Problem]:
    """What was looked up for the command is the directory as it stands at this moment."""
    step, found = asked.step, asked.looked_up
    assert isinstance(step, Custody)
    if not isinstance(found, CustodianFound):
        if step.certificate is not None:
            yield Problem(code="custodian_needed", at=AT, values={"certificate": step.certificate})
        return
    others = (
        given.looked_up
        for given, _ in asked.progress.told(ConfirmCustody, asked.step_id)
        if isinstance(given.looked_up, CustodianFound)
    )
    said = next((other for other in others if other.vendor != found.vendor), None)
    if said is not None:
        yield Problem(code="custodian_differs", at=AT, values={"vendor": said.name})
    if step.certificate is not None:
        yield from _uncertified(asked, step, found)


def custodian(asked: OrderAsked) -> tuple[Custodian, ...]:
    """Who has it now, to be recorded with the step."""
    step, found = asked.step, asked.looked_up
    if not isinstance(step, Custody) or not isinstance(found, CustodianFound):
        return ()
    return (
        Custodian(
            step=step.id,
            at=asked.at,
            vendor=found.vendor,
            name=found.name,
            version=found.version,
            certificate=certificate_at(found, asked.at) if step.certificate else None,
        ),
    )


def _uncertified(asked: OrderAsked, step: Custody, found: CustodianFound) -> Iterator[Problem]:
    """One reason: of certificates that do not hold the last one says how long they have not."""
    if certificate_at(found, asked.at) is not None:
        return
    name, kind = found.name, f"{step.certificate}"
    ended = [one for one in found.certificates if one.ends_at <= asked.at]
    if ended:
        last = max(ended, key=lambda one: one.ends_at).certificate
        until = {"vendor": name, "certificate": kind, "number": last.number, "until": last.valid_until.isoformat()}
        yield Problem(code="custodian_certificate_ended", at=AT, values=until)
    elif found.certificates:
        first = min(found.certificates, key=lambda one: one.begins_at).certificate
        since = {"vendor": name, "certificate": kind, "number": first.number, "from": first.valid_from.isoformat()}
        yield Problem(code="custodian_certificate_not_begun", at=AT, values=since)
    else:
        yield Problem(code="custodian_uncertified", at=AT, values={"vendor": name, "certificate": kind})
