"""Whatever somebody is called, their papers can be printed."""

from datetime import date

import pytest

from documents.labels import labels_pdf
from documents.typeset import NO_LETTER
from domain.assets.labels import Label, LabelFormat, LabelSheet

# By which letters no font of ours, or no archive, can do.
UNDRAWN = {
    "chinese": "最终用户",
    "emoji of several letters": "👩🏽\u200d💻 🏳️\u200d🌈",
    "thai with vowels": "กรุงเทพ",
    "of private use": "\ue000\uf8ff",
    "given to nobody": "\u0378",
    "no letter at all": "\ufffe\U0010fffd",
    "order of bytes": "\ufeff",
    "cuneiform": "𒀀",
}


def labels(name: str) -> LabelSheet:
    label = Label(tag="NB-100", name=name, serial="PF2A1B3C", address="https://imac.example/assets/NB-100")
    return LabelSheet(format=LabelFormat.A4_70X36, start=1, day=date(2027, 3, 12), labels=(label,))


@pytest.mark.parametrize("text", UNDRAWN.values(), ids=UNDRAWN)
def test_what_no_font_has_is_printed_as_a_letter_that_says_so(text: str) -> None:
    first, again = (labels_pdf(labels(f"Anna {text} Vogel"), "de") for _ in range(2))

    assert first.startswith(b"%PDF-")
    assert first == again


@pytest.mark.parametrize("text", ["最", "\ue000"])
def test_a_letter_that_cannot_be_drawn_looks_like_no_letter_and_the_others_as_ever(text: str) -> None:
    assert labels_pdf(labels(f"Jürgen {text} Groß"), "de") == labels_pdf(labels(f"Jürgen {NO_LETTER} Groß"), "de")


@pytest.mark.parametrize("text", ["سلام", "אבג", "Ωμέγα", "Łódź", "a\u202eb", "Z" + "\u0301" * 150])
def test_what_a_font_has_is_drawn(text: str) -> None:
    assert labels_pdf(labels(text), "de") != labels_pdf(labels(NO_LETTER * len(text)), "de")
