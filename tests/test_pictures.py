"""The pictures that the README shows: each is there, weighs little, and is shown somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "pictures"
MOST_BYTES = 100_000
_PICTURE = re.compile(r"!\[(?P<says>[^\]]*)\]\((?P<file>[^)\s]+)\)")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def shown() -> dict[Path, str]:
    """Each picture that some page shows, with what is said of it to those who do not see it."""
    return {
        (page.parent / found["file"]).resolve(): found["says"]
        for page in PAGES
        for found in _PICTURE.finditer(page.read_text(encoding="utf-8"))
        if "://" not in found["file"]
    }


@pytest.mark.parametrize("file", sorted(shown()), ids=lambda file: file.name)
def test_a_picture_that_is_shown_is_there_weighs_little_and_is_said_in_words(file: Path) -> None:
    assert file.exists()
    assert file.stat().st_size <= MOST_BYTES
    assert shown()[file].strip()


def test_the_readme_shows_pages_and_no_picture_lies_about_unseen() -> None:
    assert len(shown()) >= 4
    assert {path.resolve() for path in FOLDER.iterdir()} == set(shown())
