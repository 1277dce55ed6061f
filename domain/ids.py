"""Ids come from functions with inverses. Numbers are drawn from the caller's key, so a repeat finds the same order."""

import hashlib
import secrets
from collections.abc import Mapping

PAGE = "page"
WAVE = "wave"
_FAULTS_OF = "faults:"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def order_no(seed: str | None = None) -> str:
    return _number("O", seed)


def leg_order_no(project: str, workplace: str, leg: str, attempt: int) -> str:
    """The number of the order that moves a workplace of a project: however often it is placed, it is the same one."""
    return order_no(f"project/{project}/{workplace}/{leg}/{attempt}")


def part_order_no(bundle: str, step: str, attempt: int) -> str:
    """The number of an order of a bundle: however often it is placed, it is the same one."""
    return order_no(f"bundle/{bundle}/{step}/{attempt}")


def incident_no(seed: str | None = None) -> str:
    return _number("I", seed)


def _number(letter: str, seed: str | None) -> str:
    """`O-XXXXX-XXXXX`: 50 bits, drawn from the seed if there is one."""
    digest = hashlib.sha256(seed.encode()).digest() if seed is not None else secrets.token_bytes(8)
    number = int.from_bytes(digest[:8], "big")
    signs = "".join(_ALPHABET[(number >> shift) & 31] for shift in range(0, 50, 5))
    return f"{letter}-{signs[:5]}-{signs[5:]}"


def order_workflow_id(no: str) -> str:
    return f"order/{no}"


def incident_workflow_id(no: str) -> str:
    return f"incident/{no}"


def order_no_of(workflow_id: str) -> str:
    """Raises ValueError when the id is not an order's."""
    kind, no = case_no_of(workflow_id)
    if kind != "order":
        raise ValueError(workflow_id)
    return no


def case_no_of(workflow_id: str) -> tuple[str, str]:
    """What kind of case it is (`order`, `incident`, `page`, `project`, `wave`) and its number.

    Pages and waves bear the number of what they belong to before their own. Raises ValueError for any other id.
    """
    kind, _, no = workflow_id.partition("/")
    if not kind or not no:
        raise ValueError(workflow_id)
    return next(((part, no) for part in (PAGE, WAVE) if f"/{part}/" in no), (kind, no))


def page_workflow_id(case: str, no: int) -> str:
    """`incident/I-…/page/1`: the pages of a case are counted."""
    return f"{case}/page/{no}"


def page_of(workflow_id: str) -> tuple[str, int]:
    """The case and the number of its page. Raises ValueError when the id is not a page's."""
    case, _, no = workflow_id.rpartition("/page/")
    if not case or not no.isdecimal():
        raise ValueError(workflow_id)
    return case, int(no)


def project_workflow_id(project: str) -> str:
    return f"project/{project}"


def project_of(workflow_id: str) -> str:
    """Raises ValueError when the id is not a project's."""
    kind, project = case_no_of(workflow_id)
    if kind != "project":
        raise ValueError(workflow_id)
    return project


def wave_workflow_id(project: str, wave: str) -> str:
    """`project/…/wave/…`: the waves of a project bear the names of its plan."""
    return f"{project_workflow_id(project)}/{WAVE}/{wave}"


def wave_of(workflow_id: str) -> tuple[str, str]:
    """The project and its wave. Raises ValueError when the id is not a wave's."""
    case, _, wave = workflow_id.rpartition(f"/{WAVE}/")
    if not case or not wave:
        raise ValueError(workflow_id)
    return project_of(case), wave


def plan_case_id(project: str) -> str:
    """A project's newest plan, which is no case of its own, among those that wait."""
    return f"plan/{project}"


def fault_log_id(case: str) -> str:
    """Under which faults of a case stand in the journal: they are not the case's own, and have their own numbers."""
    return f"{_FAULTS_OF}{case}"


def case_of_log(workflow_id: str) -> str:
    """The case to which a journal entry belongs."""
    return workflow_id.removeprefix(_FAULTS_OF)


def alert_id(scope: str, source: str, key: str) -> str:
    """The same alert of the same sender; what one customer's systems send never meets what another's do."""
    return _digest(scope, source, key)


def absence_id(rule: str) -> str:
    """The alert that says that a rule's signs of life are missing: no sender has a scope that is called so."""
    return _digest(f"rule/{rule}", "", "")


def alert_group_id(rule: str, labels: Mapping[str, str]) -> str:
    values = (part for name in sorted(labels) for part in (name, labels[name]))
    return f"{rule[:48]}-{_digest(rule, *values)[:12]}"


def alert_group_workflow_id(group: str) -> str:
    return f"alert-group/{group}"


def _digest(*parts: str) -> str:
    # Lengths keep ("a", "bc") and ("ab", "c") apart.
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
