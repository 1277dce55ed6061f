"""Texts of people in cells of spreadsheets: they stay texts, whatever they begin with."""

# A spreadsheet takes a text that begins so for a formula, and a formula can call out.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_LONGEST = 32_000


def neutral(text: str) -> str:
    """A text that stays a text, also when somebody saves the workbook as CSV."""
    plain = "".join(sign for sign in text[:_LONGEST] if sign.isprintable() or sign in "\n\t")
    return f"'{plain}" if plain.startswith(_FORMULA_SIGNS) else plain
