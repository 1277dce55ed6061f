"""`imac up` lets no log grow without end."""

from pathlib import Path

from cli.stack.log_files import KEPT, keep_small


def test_a_log_that_has_grown_is_copied_away_while_its_program_writes_on(tmp_path: Path) -> None:
    file = tmp_path / "api.log"
    with file.open("ab", buffering=0) as program:
        for turn in range(KEPT + 3):
            program.write(f"{turn}\n".encode() * 100)
            keep_small([file, tmp_path / "missing.log"], largest=150)
        program.write(b"on\n")

    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == ["api.log", *(f"api.log.{n}" for n in range(1, KEPT + 1))]
    assert file.read_bytes() == b"on\n"
    assert [(tmp_path / f"api.log.{n}").read_text()[0] for n in range(1, KEPT + 1)] == ["6", "5", "4", "3"]


def test_a_small_one_stays(tmp_path: Path) -> None:
    file = tmp_path / "worker.log"
    file.write_text("few words")

    keep_small([file])

    assert [path.name for path in tmp_path.iterdir()] == ["worker.log"]
