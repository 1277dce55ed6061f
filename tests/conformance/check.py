"""`make conform`: every paper in both languages, held against PDF/A-2a and PDF/UA-1 by veraPDF.

Typst says of its own files that they are both; this asks somebody else. Without a JDK, Maven or a network it is said
what was missing, and nothing has failed.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from documents.protocols import protocol_pdf
from documents.wording import LANGUAGES
from domain.orders.protocols import ProtocolKind, protocol
from tests.documents.test_protocols import NAMES, OF_WORK
from tests.domain.orders.test_protocols import handed_over
from tests.domain.orders.test_work_papers import worked

ROOT = Path(__file__).parents[2]
POM = Path(__file__).parent / "pom.xml"
BUILD = ROOT / "build"
PROGRAMS = {"java": "a JDK", "mvn": "Maven"}
FLAVOURS = ("2a", "ua1")
# Seconds; fetched once, some ten megabytes.
LONGEST_FETCH = 600


def papers() -> Iterator[tuple[str, bytes]]:
    """Each as a customer gets it, by its name."""
    for kind in ProtocolKind:
        paper = worked().finish() if kind in OF_WORK else handed_over().finish()
        made = protocol(paper.order, paper.progress, kind)
        for language in LANGUAGES:
            yield f"{kind.replace('_', '-')}-{language}.pdf", protocol_pdf(made, NAMES, language)


def written(folder: Path) -> list[Path]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in papers():
        (folder / name).write_bytes(content)
    return sorted(folder.iterdir())


def fetched(folder: Path) -> str | None:
    """Why veraPDF is not there, if it is not."""
    missing = [named for program, named in PROGRAMS.items() if shutil.which(program) is None]
    if missing:
        return f"{' and '.join(missing)} not found"
    if any(folder.glob("*.jar")):
        return None
    command = ["mvn", "-B", "-q", "-f", f"{POM}", "dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
    try:
        got = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_FETCH, check=False)
    except subprocess.TimeoutExpired:
        return f"Maven has not fetched it within {LONGEST_FETCH} seconds"
    if got.returncode:
        return f"Maven could not fetch it, is there a network? Run {' '.join(command)} to see why"
    return None


def conforms(files: list[Path], jars: Path, flavour: str) -> bool:
    command = ["java", "-cp", f"{jars}/*", "org.verapdf.apps.GreenfieldCliWrapper", "-f", flavour, "--format", "text"]
    held = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, check=False)
    passed = [line for line in held.stdout.splitlines() if line.startswith("PASS ")]
    sys.stdout.write(f"{flavour}: {len(passed)} of {len(files)} papers conform\n")
    if held.returncode or len(passed) != len(files):
        sys.stdout.write(held.stdout + held.stderr)
        return False
    return True


def main() -> int:
    files, jars = written(BUILD / "conformance"), BUILD / "verapdf"
    if (why := fetched(jars)) is not None:
        sys.stdout.write(f"skipped, {len(files)} papers in {files[0].parent} were not held against PDF/A: {why}.\n")
        return 0
    # Each says what it finds, whatever the other has found.
    found = [conforms(files, jars, flavour) for flavour in FLAVOURS]
    return 0 if all(found) else 1


if __name__ == "__main__":
    sys.exit(main())
