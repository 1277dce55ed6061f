"""To whom goods may be given: a vendor with the certificate that the contract asks for, or nobody.

And what becomes of it when that certificate is in question while the goods are there.
"""

from collections.abc import Iterator

from domain.cases.lookups import CustodianFound
from domain.cases.order_commands import ConfirmCustody, DoubtCertificate, SettleCertificate
from domain.contracts.chains import Custody
from domain.orders.decisions.asked import OrderAsked
from domain.orders.departures import certificate_at, held_now
from domain.orders.progress import Custodian, Progress
from domain.refusals import Problem, conflict

AT = "/vendor"


def custodian_problems(asked: OrderAsked, command: ConfirmCustody) -> Iterator[Problem]:
    """What was looked up for the command is the directory as it stands at this moment."""
    step, found = asked.step, asked.looked_up
    assert isinstance(step, Custody)
    if not isinstance(found, CustodianFound):
        if step.offered:
            yield Problem(code="nobody_has_accepted", at=AT, values={"step": step.id})
        elif step.certificate is not None:
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
    yield from _not_theirs_to_sign(asked, command, found)
    if step.certificate is not None:
        yield from uncertified(asked, step, found)
    if step.offered:
        yield from _not_agreed(asked, found)


def _not_theirs_to_sign(asked: OrderAsked, command: ConfirmCustody, found: CustodianFound) -> Iterator[Problem]:
    """A vendor's own people sign for it, and for nobody else; so goods never leave on the word of one side."""
    if found.people is None:
        return
    is_theirs = asked.actor.person in found.people
    values = {"vendor": found.name, "person": asked.actor.person}
    if command.side == "taker" and not is_theirs:
        yield Problem(code="taker_not_of_vendor", at="/side", values=values)
    if command.side == "giver" and is_theirs:
        yield Problem(code="giver_of_vendor", at="/side", values=values)


def _not_agreed(asked: OrderAsked, found: CustodianFound) -> Iterator[Problem]:
    """Goods that vendors were asked to take go to the one that has agreed to."""
    job = asked.progress.job_at(asked.step_id)
    if job is None or not job.is_taken or job.vendor != found.vendor:
        yield Problem(code="custodian_not_agreed", at=AT, values={"vendor": found.name})


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


def uncertified(asked: OrderAsked, step: Custody, found: CustodianFound) -> Iterator[Problem]:
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


def doubt_certificate(asked: OrderAsked, command: DoubtCertificate) -> Progress:
    """Whatever was recorded stays; from now on somebody has to settle it."""
    step = asked.step
    assert isinstance(step, Custody)
    if asked.progress.custodian(step.id) is None:
        raise conflict("nobody_has_it", step=step.id)
    return asked.progress.questioned(step.id, asked.at, step.settle_minutes, command.reason)


def settle_certificate(asked: OrderAsked, command: SettleCertificate) -> Progress:
    """All that is in question at the step. A certificate that holds by now is watched from now on."""
    step_id, progress = asked.step_id, asked.progress
    if not any(one.step == step_id for one in progress.in_question):
        raise conflict("nothing_in_question", step=step_id)
    settled = {"settled_at": asked.at, "settled_by": asked.actor.person, "finding": command.finding}
    exceptions = tuple(
        one.but(**settled) if one.step == step_id and one.settled_at is None else one for one in progress.exceptions
    )
    found = tuple(one for one in custodian(asked) if one.certificate != held_now(progress, step_id))
    renewed = tuple(one for one in found if one.certificate is not None)
    return progress.but(exceptions=exceptions, custodians=(*progress.custodians, *renewed))


def check_unquestioned(asked: OrderAsked) -> None:
    """Before it is said what to think of a certificate nothing is proven by whoever had it."""
    open_ = next(iter(asked.progress.in_question), None)
    if open_ is not None:
        raise conflict("certificate_in_question", step=open_.step, vendor=open_.custodian.name)
