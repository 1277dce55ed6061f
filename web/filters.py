"""What templates show values as: in the reader's words, by names, at the times and places of one zone."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from typing import cast

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from documents.wording import given_reason, ordered, sentence, word
from domain.cases.events import Event
from domain.clocks.reports import ClockReport
from domain.contracts.catalogue import ItemWords, in_words
from domain.kinds import OrderKind
from domain.orders.answers import ItemAnswer, day_answered, site_of
from domain.people import Language
from domain.places import Place
from domain.refusals import Problem
from web import moments
from web.marks import happening_mark, mark_of
from web.session import Reader
from web.static_files import address_of
from web.words import label, say


def _language(context: Context) -> Language:
    return cast("Language", context["language"])


@pass_context
def say_in(context: Context, name: str, **values: object) -> str:
    return say(name, _language(context), **values)


def said(language: Language, name: str, **values: object) -> str:
    return say(name, language, **values)


@cache
def icon(name: str) -> Markup:
    mark = f'<svg class="m m-{escape(name)}" aria-hidden="true" focusable="false">'
    return Markup(f'{mark}<use href="{escape(address_of("marks.svg"))}#{escape(name)}"/></svg>')


# Of values somebody else has named there may be any number.
@lru_cache(maxsize=2_000)
def stated(language: Language, value: str, noun: str) -> Markup:
    """A state as its mark and its word."""
    name = mark_of(noun, value)
    return Markup(f'<span class="state s-{name}">{icon(name)}{escape(word(noun, value, language))}</span>')


@pass_context
def _word(context: Context, value: str, noun: str) -> str:
    return word(noun, value, _language(context))


@pass_context
def _step_name(context: Context, step: str) -> str:
    """As its order's contract calls it: `steps` are those that are known on this page."""
    known: Mapping[str, str] = context["steps"]
    return known.get(step) or word("step", step, _language(context))


@pass_context
def _reason_of(context: Context, event: Event) -> str:
    return given_reason(event.reason or "", event.actor, _language(context))


def _mark_in(value: str, noun: str) -> str:
    return mark_of(noun, value)


@pass_context
def _sentence(context: Context, problem: Problem) -> str:
    return sentence(problem, _language(context))


@pass_context
def _person(context: Context, person: str) -> Markup:
    """By name; ids are for machines."""
    return _bdi(context["names"].get(person, person))


def _bdi(text: str) -> Markup:
    return Markup(f"<bdi>{escape(text)}</bdi>")


@pass_context
def _answered(context: Context, said: ItemAnswer) -> str:
    """As people read what was answered to a question of an item: by names, and days in their own form."""
    reader: Reader = context["reader"]
    site, language = site_of(said.answer), _language(context)
    if named := in_words(said.name, language) or context["names"].get(said.answer):
        return f"{named}"
    if (day := day_answered(said.answer)) is not None:
        return moments.plain_day(day, language)
    return reader.sites.get(site, site) + said.answer[len(site) :]


@pass_context
def _customer(context: Context, customer: str) -> Markup:
    reader: Reader = context["reader"]
    return _bdi(reader.customers.get(customer, customer))


@pass_context
def _site(context: Context, site: str) -> Markup:
    reader: Reader = context["reader"]
    return _bdi(reader.sites.get(site, site))


@pass_context
def _in_words(context: Context, words: Mapping[Language, str]) -> str:
    return in_words(words, _language(context))


@pass_context
def _ordered(context: Context, item_name: ItemWords, kind: OrderKind) -> str:
    """`{{ line.item_name|ordered(line.kind) }}`: what an order is called."""
    return ordered(item_name, kind, _language(context))


@pass_context
def _label(context: Context, field: str) -> str:
    return label(field, _language(context))


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


@pass_context
def _place(context: Context, place: Place, here: str) -> str:
    """As it is written on doors: building, room and desk. Its site is named where it is another than `here`."""
    reader: Reader = context["reader"]
    site = reader.sites.get(place.site, place.site) if place.site != here else None
    said = " ".join(part for part in (site, place.building, place.room or place.floor) if part)
    return said + (f"·{place.desk}" if place.desk else "")


@pass_context
def _money(context: Context, amount: Decimal) -> str:
    return moments.money(amount, _language(context))


@pass_context
def _more_or_less(context: Context, difference: Decimal) -> str:
    return moments.more_or_less(difference, _language(context))


@pass_context
def _decimal(context: Context, amount: Decimal) -> str:
    return moments.number(amount, _language(context))


@pass_context
def _kilograms(context: Context, grams: int) -> str:
    return f"{moments.number(Decimal(grams) / 1000, _language(context))} kg"


def _share(clock: ClockReport) -> int:
    """Of its time, in percent."""
    return min(100, round(100 * (clock.used / clock.target))) if clock.target else 100


@pass_context
def _at(context: Context, at: datetime) -> Markup:
    zone = context["zone"]
    return moments.shown(at, zone, _language(context), moments.day_of(context["now"], zone))


@pass_context
def _day(context: Context, at: datetime) -> Markup:
    return moments.tagged(at, moments.whole_day(moments.day_of(at, context["zone"]), _language(context)))


@pass_context
def _short_day(context: Context, at: datetime) -> Markup:
    zone = context["zone"]
    today = moments.day_of(context["now"], zone)
    return moments.tagged(at, moments.day_name(moments.day_of(at, zone), _language(context), today=today))


@pass_context
def _at_on(context: Context, at: datetime, named: datetime) -> Markup:
    """Without its day where that has just been named."""
    return _until(context, at, named)


@pass_context
def _happened(context: Context, event: Event) -> str:
    """What has happened to a move, and to which of its rows."""
    language = _language(context)
    known = word("move_happening", event.what, language)
    said = known if known != event.what else word("happening", event.what, language)
    rows = [event.values["row"]] if "row" in event.values else [f"{row}" for row in getattr(event.command, "rows", ())]
    return " ".join([said, ", ".join(rows)]).strip()


@pass_context
def _whole_day(context: Context, day: date) -> str:
    return moments.whole_day(day, _language(context))


@pass_context
def _plain_day(context: Context, day: date) -> str:
    return moments.plain_day(day, _language(context))


@pass_context
def _exact(context: Context, at: datetime) -> Markup:
    return moments.tagged(at, moments.exact(at, context["zone"], _language(context)))


@pass_context
def _until(context: Context, end: datetime, start: datetime) -> Markup:
    """The end of a span: with its day only where that is another one."""
    zone, day_of = context["zone"], moments.day_of
    return moments.shown(end, zone, _language(context), day_of(context["now"], zone), day_of(start, zone))


@pass_context
def _due(context: Context, at: datetime) -> Markup:
    """When something has to be done by, or since when it is overdue."""
    name = "overdue_since" if at < context["now"] else "due_at"
    return Markup(say(name, _language(context), at="{}")).format(_at(context, at))


@pass_context
def _span(context: Context, length: timedelta) -> str:
    return moments.span(length, _language(context))


FILTERS: Mapping[str, Callable[..., object]] = {
    "word": _word,
    "step_name": _step_name,
    "reason_of": _reason_of,
    "mark_in": _mark_in,
    "at": _at,
    "at_on": _at_on,
    "due": _due,
    "short_day": _short_day,
    "happened": _happened,
    "day": _day,
    "until": _until,
    "span": _span,
    "sentence": _sentence,
    "person": _person,
    "answered": _answered,
    "customer": _customer,
    "site": _site,
    "label": _label,
    "in_words": _in_words,
    "ordered": _ordered,
    "upper_first": _upper_first,
    "hours": moments.hours,
    "place": _place,
    "money": _money,
    "more_or_less": _more_or_less,
    "decimal": _decimal,
    "kilograms": _kilograms,
    "share": _share,
    "happening_mark": happening_mark,
    "whole_day": _whole_day,
    "plain_day": _plain_day,
    "exact": _exact,
    "counted": moments.counted,
}
