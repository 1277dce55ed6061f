"""What of a cell's look its reader cannot see: a text in the colour of what is behind it, or too small for anybody."""

from connectors.files.markup import Attributes

WHITE, BLACK = "FFFFFF", "000000"
# Points. What is smaller is a dot, or a line between two others.
SMALLEST = 2.0
# Of 255, in each of red, green and blue.
_ALIKE = 24
# What the first colours of a theme and of the old palette are, unless somebody has made others of them.
_THEME = {"0": WHITE, "1": BLACK}
_PALETTE = {"0": BLACK, "1": WHITE, "8": BLACK, "9": WHITE, "64": BLACK, "65": WHITE}
_LONGEST = 20


def colour_of(attributes: Attributes, otherwise: str) -> str:
    """As six digits where that can be said, else as some name of its own; `otherwise` is what `auto` means."""
    if rgb := attributes.get("rgb"):
        return rgb[-6:].upper()
    if theme := attributes.get("theme"):
        tint = attributes.get("tint", "0")[:_LONGEST]
        return _THEME.get(theme, f"theme {theme[:_LONGEST]}") if _is_none(tint) else f"theme {theme[:_LONGEST]} {tint}"
    if at := attributes.get("indexed"):
        return _PALETTE.get(at, f"palette {at[:_LONGEST]}")
    return otherwise


def is_lost(front: str, behind: str) -> bool:
    """Whether nobody can tell one colour from the other."""
    if front == behind:
        return True
    pair = [_parts(colour) for colour in (front, behind)]
    return all(pair) and all(abs(one - other) <= _ALIKE for one, other in zip(*pair, strict=True))


def length(written: str) -> float | None:
    """Points of a length such as `0.45cm`; None when it is none."""
    for unit, points in (("cm", 28.35), ("mm", 2.835), ("in", 72.0), ("pt", 1.0), ("pc", 12.0), ("px", 0.75)):
        if written.endswith(unit):
            number = measure(written.removesuffix(unit))
            return None if number is None else number * points
    return None


def measure(written: str) -> float | None:
    """A number without a sign or a power; None when it is none."""
    digits = written[:_LONGEST]
    return float(digits) if digits.replace(".", "", 1).isdecimal() and digits.isascii() else None


def _is_none(tint: str) -> bool:
    return measure(tint.removeprefix("-")) == 0


def _parts(colour: str) -> tuple[int, ...]:
    try:
        return tuple(bytes.fromhex(colour)) if len(colour) == len(WHITE) else ()
    except ValueError:
        return ()
