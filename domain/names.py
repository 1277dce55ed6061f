"""One normal form of people's names and of tags: they compare by it, and keep their spelling."""

import re

from domain.place_names import plain

_TITLES = re.compile(r"\b(?:herrn?|frau|fr|hr|mrs?|ms|dr|prof|dipl|ing|med|jur|rer|nat|mag|b\.?sc|m\.?sc)\b\.?[\s-]*")

_BETWEEN = re.compile(r"[\s._/-]+")
# Letters that look like digits, beside some or alone.
_BESIDE_DIGITS = re.compile(r"\b[oli]+\b|(?=[oli]*\d)[oli\d]+")
_DIGITS = str.maketrans("oli", "011")


def same_name(name: str) -> str:
    """`Zander, Ute` and `Dr. Ute Zander` are the same; the order of names counts where no comma turns it round."""
    last, comma, first = plain(name).partition(",")
    turned = f"{first} {last}" if comma and first.strip() else last
    untitled = " ".join(_TITLES.sub("", turned).replace("-", " ").split())
    return untitled or plain(name)


def look_of(tag: str) -> str:
    """What is equal where one tag may be another, mistyped: O for 0, l for 1, another sign between parts."""
    parts = " ".join(_BETWEEN.split(plain(tag))).strip()
    return _BESIDE_DIGITS.sub(lambda run: run[0].translate(_DIGITS), parts)


def same_tag(text: str) -> str:
    """Tags and serials: whoever types them does not mind small and capital letters."""
    return plain(text)
