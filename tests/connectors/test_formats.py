"""What a number shows under a format code, and what nobody can say."""

import pytest

from connectors.files.formats import Shows, format_of


@pytest.mark.parametrize(
    ("code", "number", "shown"),
    [
        ("General", 4711, "4711"),
        ("General", 2.14, "2.14"),
        ("General", 0.1 + 0.2, "0.3"),
        ("General", -3.5, "-3.5"),
        ("General", 123456789012345, "123456789012345"),
        ("General", 1 / 3, None),
        ("General", 1.5e-7, None),
        ("0", 12.6, "13"),
        ("0", 2.5, "3"),
        ("000000", 123, "000123"),
        ("000000", 1234567, "1234567"),
        ('"INV-"0000', 4711, "INV-4711"),
        (r"\R\ 0.00", 1.1, "R 1.10"),
        ('0.00"/a"', 2.1, "2.10/a"),
        ("0.00", 1.005, "1.01"),
        ("0.0#", 1.5, "1.5"),
        ("0.0#", 1.25, "1.25"),
        ("#.##", 7, "7"),
        ("??0", 7, "7"),
        ("00-00", 1234, "12-34"),
        ("000-00-0000", 123456789, "123-45-6789"),
        ("00000\\-0000", 123456789, "12345-6789"),
        ('[Red]"NB-"000', 7, "NB-007"),
        ("0_)", 7, "7"),
        ("0;(0)", -7, "(7)"),
        ("0;-0;", 0, None),
        ('0;0;"keine"', 0, None),
        ("@", 12, "12"),
        ("[$-407]0.00", 1.1, "1.10"),
        ("#,##0", 711, "711"),
        ("#,##0", 4711, None),
        ("0,", 4711, None),
        ("# ?/?", 0.125, None),
        ("0.00E+00", 12.5, None),
        ("0%", 0.5, None),
        ("[>100]0;0.0", 5, None),
        (";;;", 5, None),
        ('"x"', 5, None),
    ],
)
def test_a_number_is_what_is_shown(code: str, number: float, shown: str | None) -> None:
    style = format_of(code)

    assert (style.shows, style.number(float(number))) == (Shows.PLAIN, shown)


@pytest.mark.parametrize(
    ("code", "shows"),
    [
        ("dd.mm.yyyy", Shows.DATE),
        ('[$-F800]dddd", "mmmm', Shows.DATE),
        ("h:mm AM/PM", Shows.DATE),
        ("[h]:mm", Shows.ELAPSED),
        ('"day "0', Shows.PLAIN),
        (r"0\d", Shows.PLAIN),
        ("[Red]0", Shows.PLAIN),
    ],
)
def test_letters_of_days_and_hours_make_a_date_of_a_number_unless_they_are_quoted(code: str, shows: Shows) -> None:
    assert format_of(code).shows == shows


@pytest.mark.parametrize(
    ("code", "tells"),
    [
        ("dd.mm.yyyy", "dmy"),
        ("dd.mm.yyyy hh:mm", "dhmy"),
        ("m/d/yyyy h:mm AM/PM", "dhmy"),
        ('[$-407]dddd", "d. mmmm yyyy;@', "dmy"),
        ("d. mmm", "dm"),
        ("mmm yy", "my"),
        ("dddd", ""),
        ("yyyy", "y"),
        ("hh:mm", "h"),
        ("mm:ss", "h"),
    ],
)
def test_a_format_says_how_much_of_a_moment_is_shown(code: str, tells: str) -> None:
    assert "".join(sorted(format_of(code).tells)) == tells


@pytest.mark.parametrize(
    ("code", "text", "shown"),
    [
        ("General", "a", "a"),
        ("@", "007", "007"),
        ('"INV-"@', "4711", "INV-4711"),
        ('0;0;0;"R "@', "1.01", "R 1.01"),
        ("0.00", "2. OG", "2. OG"),
        (";;;", "secret", None),
    ],
)
def test_texts_are_shown_by_the_section_for_texts(code: str, text: str, shown: str | None) -> None:
    assert format_of(code).text(text) == shown
