"""What the README promises is there."""

import re
from pathlib import Path

from settings import Settings

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_the_settings_table_names_every_setting_and_no_other() -> None:
    table = README.partition("<!-- settings -->")[2].partition("<!-- /settings -->")[0]

    assert re.findall(r"`IMAC_([A-Z_]+)`", table) == [name.upper() for name in Settings.model_fields]


def test_every_file_that_is_linked_exists() -> None:
    linked = [target for target in re.findall(r"\]\(([^)#]+)\)", README) if not target.startswith("http")]

    assert linked
    assert [target for target in linked if not (Path(__file__).parents[1] / target).exists()] == []
