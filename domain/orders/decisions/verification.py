"""Confirming at the target, by asset tag, that everything has arrived."""

from collections.abc import Iterator

from domain.assets.asset import Asset
from domain.cases.order_commands import Found, Verify
from domain.contracts.chains import Verification
from domain.orders.decisions.asked import OrderAsked
from domain.orders.progress import Progress, StepStatus
from domain.places import Place
from domain.refusals import Problem, refuse_if


def verify(asked: OrderAsked, command: Verify) -> Progress:
    """Whatever is not as it should be waits for a person, who has it verified anew or lets it be."""
    assert isinstance(asked.step, Verification)
    tags = [found.tag for found in command.found]
    refuse_if(
        [
            Problem(code="asset_twice", at=f"/found/{position}/tag", values={"tag": tag})
            for position, tag in enumerate(tags)
            if tags.index(tag) != position
        ]
    )
    mismatch = _mismatch(asked, command)
    if mismatch is None:
        return asked.settle()
    return asked.progress.with_step(asked.step_id, status=StepStatus.STUCK, problem=mismatch)


def _mismatch(asked: OrderAsked, command: Verify) -> Problem | None:
    found = {one.tag: one for one in command.found}
    assets = {asset.tag: asset for asset in asked.progress.assets}
    both = [(asset, found[tag]) for tag, asset in assets.items() if tag in found]
    values = {
        "missing": ", ".join(tag for tag in assets if tag not in found),
        "misplaced": ", ".join(_misplaced(both, asked.case.request.target)),
        "other_serial": ", ".join(_other_serials(both)),
        "unexpected": ", ".join(tag for tag in found if tag not in assets),
    }
    return Problem(code="verification_mismatch", values=values) if any(values.values()) else None


def _misplaced(both: list[tuple[Asset, Found]], target: Place | None) -> Iterator[str]:
    """What has no target of its own is to stand where the register says."""
    for asset, found in both:
        if found.place is not None and found.place != (target or asset.place):
            yield f"{asset.tag} ({found.place})"


def _other_serials(both: list[tuple[Asset, Found]]) -> Iterator[str]:
    for asset, found in both:
        if asset.serial and found.serial and asset.serial != found.serial:
            yield f"{asset.tag} ({found.serial})"
