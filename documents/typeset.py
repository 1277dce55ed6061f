"""Printed documents: a typst layout filled with data becomes a PDF that archives keep and screen readers can read."""

from importlib.util import find_spec
from pathlib import Path

import typst
from pydantic import BaseModel

LAYOUTS = Path(__file__).parent / "layouts"


def pdf(layout: str, data: BaseModel) -> bytes:
    """The same data always become the same bytes. Blocking, for some tens of milliseconds."""
    return typst.compile(
        LAYOUTS / f"{layout}.typ",
        root=LAYOUTS,
        font_paths=[font_folder()],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": data.model_dump_json()},
        # For archives, and with the tags that let it be read aloud; checked by typst itself.
        pdf_standards=["a-2a", "ua-1"],
    )


def font_folder() -> Path:
    # The package has no code worth running: it lists its files when it is imported.
    found = find_spec("font_source_sans_pro")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "files"
