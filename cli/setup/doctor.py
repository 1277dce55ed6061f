"""`imac doctor`: everything imacflow runs on, right or wrong, and what to type."""

import sys
from collections.abc import Iterable

from pydantic import BaseModel, TypeAdapter
from rich.console import RenderableType
from rich.text import Text

from cli.asking import ASKING, Asking
from cli.error_words import worded
from cli.errors import Exit
from cli.setup.database_checks import database_checks
from cli.setup.finding import Finding
from cli.setup.outside_checks import outside_checks
from cli.setup.temporal_checks import temporal_checks
from cli.stack.programs import know_the_stack, read_settings
from cli.tables import filled, table
from cli.words import phrase
from domain.people import Language


class CheckLine(BaseModel):
    """One check as `--json` gives it; `code` is stable, the rest is in the language that was asked for."""

    check: str
    right: bool
    found: str = ""
    code: str | None = None
    why: str = ""
    to_do: str = ""


async def doctor(*, asking: Asking = ASKING) -> None:
    """Check database, Temporal, secrets, mail and clock. Ends with 0 if all is right, else with 1."""
    know_the_stack(asking.data_dir)
    settings = read_settings(asking.data_dir)
    findings = [*await database_checks(settings), *await temporal_checks(settings), *await outside_checks(settings)]
    if asking.json:
        lines = [line(finding, asking.language) for finding in findings]
        sys.stdout.write(f"{TypeAdapter(list[CheckLine]).dump_json(lines).decode()}\n")
    else:
        asking.console.print(picture(findings, asking.language))
    if any(finding.wrong for finding in findings):
        sys.exit(Exit.REFUSED)


def line(finding: Finding, language: Language) -> CheckLine:
    if finding.wrong is None:
        return CheckLine(check=finding.check.removeprefix("check_"), right=True, found=finding.found)
    why, to_do = worded(finding.wrong, language)
    code = finding.wrong.code
    return CheckLine(
        check=finding.check.removeprefix("check_"), right=False, found=finding.found, code=code, why=why, to_do=to_do
    )


def picture(findings: Iterable[Finding], language: Language) -> RenderableType:
    return filled(table(language, "check", "state", "found", "what_to_do"), (cells(one, language) for one in findings))


def cells(finding: Finding, language: Language) -> tuple[object, ...]:
    said = line(finding, language)
    standing = (
        Text(phrase("check_right", language), "green") if said.right else Text(phrase("check_wrong", language), "red")
    )
    return phrase(finding.check, language), standing, said.why or said.found, said.to_do
