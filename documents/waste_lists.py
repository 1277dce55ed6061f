"""What has left as waste, item by item, for spreadsheets."""

import csv
import io

from documents.cell_texts import neutral
from documents.wording import word, wording
from domain.orders.waste import WasteLine, WasteReport
from domain.people import Language

COLUMNS = ("left", "order", "tag", "serial", "model", "code", "hazardous", "kilograms", "weighed", "battery", "reason")


def waste_csv(report: WasteReport, language: Language) -> bytes:
    """As UTF-8 with its mark and cut by semicolons: so spreadsheets of both languages open it."""
    written = io.StringIO()
    rows = csv.writer(written, delimiter=";", lineterminator="\r\n")
    labels = wording(language).words["waste_label"]
    rows.writerow(labels[column] for column in COLUMNS)
    rows.writerows([neutral(cell) for cell in _cells(line, language)] for line in report.lines)
    return b"\xef\xbb\xbf" + written.getvalue().encode()


def _cells(line: WasteLine, language: Language) -> tuple[str, ...]:
    assert line.left_at is not None  # only such are reported
    return (
        f"{line.left_at:%Y-%m-%d}",
        line.order,
        line.tag,
        line.serial or "",
        line.model or "",
        line.code or word("waste_label", "undeclared", language),
        word("yes_no", "yes" if line.hazardous else "no", language) if line.code else "",
        kilograms(line.grams, language),
        word("yes_no", "yes" if line.weighed else "no", language) if line.code else "",
        word("battery", line.battery, language) if line.battery else "",
        line.reason or "",
    )


def kilograms(grams: int | None, language: Language) -> str:
    """To the gram; empty for what nobody knows."""
    if grams is None:
        return ""
    shown = f"{grams // 1000}.{grams % 1000:03}"
    return shown.replace(".", ",") if language == "de" else shown
