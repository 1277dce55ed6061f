"""`imac alert spells`: from when to when an alert fired."""

from collections.abc import Sequence

from rich.console import RenderableType

from cli.answers import AnsweredPage
from cli.asking import ASKING, Asking
from cli.http import parsed, path
from cli.moments import clock_at
from cli.tables import filled, table
from documents.wording import word
from domain.alerts.alert import SEVERITY, AlertStatus
from domain.alerts.spells import SpellSheet
from domain.people import Language

FIRING = AlertStatus.FIRING
ZONE = "UTC"
LARGEST_PAGE = 200


async def spells(alert: str, /, *, limit: int = 50, asking: Asking = ASKING) -> None:
    """List when an alert fired, most recent first.

    Parameters
    ----------
    alert
        Alert id, as in `imac alert list`.
    """
    async with asking.api() as api:
        answer = await api.get(path("alerts", alert, "spells"), {"limit": min(limit, LARGEST_PAGE)})
    asking.show(answer, lambda: spells_table(parsed(AnsweredPage[SpellSheet], answer).items, asking.language))


def spells_table(found: Sequence[SpellSheet], language: Language) -> RenderableType:
    made = table(language, "from", "until", "how_it_ended", "severity", "source", "text")
    return filled(
        made,
        (
            (
                clock_at(spell.start, ZONE),
                clock_at(spell.end, ZONE) if spell.end else "",
                word("spell_end", spell.ended, language) if spell.ended else word("alert_status", FIRING, language),
                word(SEVERITY, spell.severity, language) if spell.severity else "",
                spell.source,
                spell.title,
            )
            for spell in found
        ),
    )
