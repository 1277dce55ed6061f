"""What a check has found: what is there, or why it is wrong and what to do."""

from dataclasses import dataclass

from cli.errors import CliError


@dataclass(frozen=True)
class Finding:
    """`check` is the phrase that names it, `check_…`."""

    check: str
    found: str = ""
    wrong: CliError | None = None
