"""The run sheet on A4: what a technician takes along, with a box for everything that is to be ticked."""

from babel.dates import format_date

from documents.floor_words import answer_said, clock_time, printed_at, way_to
from documents.notices import LOCALES
from documents.typeset import pdf
from documents.wording import ordered, word, wording
from domain.assets.asset import Asset
from domain.contracts.catalogue import in_words
from domain.orders.run_sheets import RunSheet, RunStop
from domain.people import Language
from domain.values import Value


class PrintedDevice(Value):
    name: str
    tag: str
    serial: str


class PrintedStop(Value):
    window: str
    person: str
    kind: str
    no: str
    way: str
    note: str
    devices: tuple[PrintedDevice, ...]
    steps: tuple[str, ...]
    answers: tuple[tuple[str, str], ...] = ()


class PrintedRunSheet(Value):
    """Everything that is shown, in words; the layout only arranges it."""

    language: Language
    labels: dict[str, str]
    technician: str
    day: str
    zone: str
    printed: str
    dated: tuple[int, int, int]
    stops: tuple[PrintedStop, ...]


def run_sheet_pdf(sheet: RunSheet, language: Language) -> bytes:
    """The same sheet always becomes the same bytes. Blocking."""
    return pdf("run_sheet", printed_run_sheet(sheet, language))


def printed_run_sheet(sheet: RunSheet, language: Language) -> PrintedRunSheet:
    return PrintedRunSheet(
        language=language,
        labels=wording(language).words["run_sheet_label"],
        technician=sheet.name,
        day=format_date(sheet.day, "full", locale=LOCALES[language]),
        zone=sheet.zone,
        printed=printed_at(sheet.made_at, sheet.zone, language),
        dated=(sheet.day.year, sheet.day.month, sheet.day.day),
        stops=tuple(_stop(stop, sheet, language) for stop in sheet.stops),
    )


def _stop(stop: RunStop, sheet: RunSheet, language: Language) -> PrintedStop:
    places = [way_to(place, sheet.sites) for place in (stop.whence, stop.whither) if place is not None]
    return PrintedStop(
        window=f"{clock_time(stop.start, sheet.zone, language)} – {clock_time(stop.end, sheet.zone, language)}",
        person=stop.person,
        kind=ordered(stop.item, stop.kind, language),
        no=stop.no,
        way=" → ".join(places) or sheet.sites.get(stop.site, stop.site),
        note=stop.note or "",
        devices=tuple(_device(asset) for asset in stop.assets),
        steps=tuple(stop.titles.get(step, {}).get(language) or word("step", step, language) for step in stop.steps),
        answers=tuple((in_words(one.text, language), answer_said(one, language)) for one in stop.answered),
    )


def _device(asset: Asset) -> PrintedDevice:
    parts = (asset.category, asset.manufacturer, asset.model)
    return PrintedDevice(name=" ".join(filter(None, parts)), tag=asset.tag, serial=asset.serial or "")
