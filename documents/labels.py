"""Labels by their millimetres, on sheets of A4 and on rolls: the tag large, and a code that leads to the asset."""

import segno

from documents.typeset import pdf
from documents.wording import wording
from domain.assets.labels import A4_HEIGHT, A4_WIDTH, MEASURES, Label, LabelSheet
from domain.people import Language
from domain.values import Value

# The empty edge that readers need around a code, in its squares.
_QUIET = 4


class PrintedLabel(Value):
    """In mm from the corner of its page, the first of which is 0."""

    page: int
    x: float
    y: float
    tag: str
    name: str
    serial: str
    address: str
    code: str


class PrintedLabels(Value):
    """Everything that is shown, in words; the layout only arranges it."""

    language: Language
    labels: dict[str, str]
    page_width: float
    page_height: float
    width: float
    height: float
    pages: int
    dated: tuple[int, int, int]
    printed: tuple[PrintedLabel, ...]


def labels_pdf(sheet: LabelSheet, language: Language) -> bytes:
    """The same labels always become the same bytes. Blocking."""
    return pdf("labels", printed_labels(sheet, language))


def printed_labels(sheet: LabelSheet, language: Language) -> PrintedLabels:
    measures = MEASURES[sheet.format]
    places = tuple(measures.places())
    first = 0 if measures.is_roll else min(sheet.start, measures.a_page) - 1
    printed = tuple(
        _label(label, *divmod(first + number, measures.a_page), places) for number, label in enumerate(sheet.labels)
    )
    return PrintedLabels(
        language=language,
        labels=wording(language).words["label_label"],
        page_width=measures.width if measures.is_roll else A4_WIDTH,
        page_height=measures.height if measures.is_roll else A4_HEIGHT,
        width=measures.width,
        height=measures.height,
        pages=1 + max((label.page for label in printed), default=0),
        dated=(sheet.day.year, sheet.day.month, sheet.day.day),
        printed=printed,
    )


def _label(label: Label, page: int, place: int, places: tuple[tuple[float, float], ...]) -> PrintedLabel:
    x, y = places[place]
    return PrintedLabel(
        page=page,
        x=x,
        y=y,
        tag=label.tag,
        name=label.name or "",
        serial=label.serial or "",
        address=label.address,
        code=_code(label.address),
    )


def _code(text: str) -> str:
    """A QR code as SVG: one run of dark squares after the other. A seventh of it may be lost or dirty."""
    squares = segno.make(text, error="m", micro=False, boost_error=False).matrix
    runs = []
    for y, row in enumerate(squares):
        x = 0
        while x < len(row):
            length = next((n for n, dark in enumerate(row[x:]) if not dark), len(row) - x)
            if length:
                runs.append(f"M{x + _QUIET} {y + _QUIET}h{length}v1h-{length}z")
            x += length or 1
    side = len(squares) + 2 * _QUIET
    path = "".join(runs)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"><path d="{path}"/></svg>'
