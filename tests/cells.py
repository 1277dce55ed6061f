"""Files as whoever reads lists gets them, made of lines."""

from connectors.spreadsheets import read_file
from domain.cells import CellFile


def text_file(*lines: str) -> CellFile:
    return read_file("l.csv", "\n".join(lines).encode())
