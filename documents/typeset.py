"""Printed documents: a typst layout filled with data becomes a PDF that archives keep and screen readers can read."""

import json
import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typst
from pydantic import BaseModel

LAYOUTS = Path(__file__).parent / "layouts"
NO_LETTER = "\N{REPLACEMENT CHARACTER}"
# How typst says which texts an archive may not hold, or no font can draw: as Rust quotes them.
_QUOTED = re.compile(r'(?:the text|codepoint) `"((?:[^"\\]|\\.)+)"`')
_ESCAPED = re.compile(r"\\(?:u\{([0-9a-fA-F]+)\}|(.))")
# A round names all that it comes across; another comes across what stood beside it in one cluster.
_ROUNDS = 8


def pdf(layout: str, data: BaseModel) -> bytes:
    """The same data always become the same bytes. Blocking, for some tens of milliseconds.

    A letter that no font of ours has (a name in Chinese, an emoji) is printed as `NO_LETTER`: archives want every
    letter drawn, and a paper is no reason to refuse what somebody is called.
    """
    filled = data.model_dump_json()
    for _ in range(_ROUNDS):
        try:
            return _compiled(layout, filled)
        except typst.TypstError as error:
            undrawn = _undrawn(error)
            if not undrawn:
                raise
            filled = json.dumps(_without(json.loads(filled), undrawn), ensure_ascii=False)
    return _compiled(layout, filled)


def _undrawn(error: typst.TypstError) -> dict[int, str]:
    quoted = (_ESCAPED.sub(_meant, text) for text in _QUOTED.findall(str(error.diagnostic)))
    return {ord(letter): NO_LETTER for text in quoted for letter in text if letter != NO_LETTER and not _ascii(letter)}


def _meant(escape: re.Match[str]) -> str:
    point, letter = escape.groups()
    return chr(int(point, 16)) if point else {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}.get(letter, letter)


def _ascii(letter: str) -> bool:
    """Those are drawn by every font, and may stand beside what is not in the text that is quoted."""
    return " " <= letter <= "~"


def _without(value: Any, undrawn: Mapping[int, str]) -> Any:  # noqa: ANN401  # JSON of any shape
    if isinstance(value, str):
        return value.translate(undrawn)
    if isinstance(value, list):
        return [_without(one, undrawn) for one in value]
    if isinstance(value, dict):
        return {name: _without(one, undrawn) for name, one in value.items()}
    return value


def _compiled(layout: str, filled: str) -> bytes:
    return typst.compile(
        LAYOUTS / f"{layout}.typ",
        root=LAYOUTS,
        font_paths=[font_folder()],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": filled},
        # For archives, and with the tags that let it be read aloud; checked by typst itself.
        pdf_standards=["a-2a", "ua-1"],
    )


def font_folder() -> Path:
    # The package has no code worth running: it lists its files when it is imported.
    found = find_spec("font_source_sans_pro")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "files"
