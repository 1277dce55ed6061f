"""Reports of erasure tools: each drive with what its tool says of it, or a sentence for all that is wrong."""

from datetime import UTC, datetime

import pytest

from connectors.files.erasure_reports import read_erasure_report, unpacked_report
from domain.cases.erasures import MOST_DRIVES, ErasedDrive, ErasureReport
from domain.contracts.chains import ErasureMethod
from domain.contracts.erasure_standards import method_of
from domain.papers import LARGEST_PAPER
from domain.refusals import Unacceptable
from tests.erasure_reports import Drive, blancco, blancco_of_machines, nwipe

ZONE = "Europe/Berlin"
THREE = [Drive("S1"), Drive("S2", "Failed"), Drive("S3", errors=2)]


def read(content: bytes) -> ErasureReport:
    return unpacked_report(read_erasure_report(content, ZONE))[1]


def codes(content: bytes) -> list[str]:
    with pytest.raises(Unacceptable) as refused:
        read_erasure_report(content, ZONE)
    return [problem.code for problem in refused.value.problems]


def test_blanccos_report_says_of_each_drive_what_became_of_it() -> None:
    report = read(blancco(THREE, machine="PF2A1B3C"))

    assert (report.tool, report.tool_version) == ("Blancco Drive Eraser", "7.9.1")
    assert [(drive.serial, drive.machine, drive.passed) for drive in report.drives] == [
        ("S1", "PF2A1B3C", True),
        ("S2", "PF2A1B3C", False),
        ("S3", "PF2A1B3C", False),
    ]
    assert report.drives[0] == ErasedDrive(
        serial="S1",
        machine="PF2A1B3C",
        model="ST1000",
        standard="NIST 800-88 Purge",
        method=ErasureMethod.PURGE,
        passed=True,
        result="Successful",
        verification="Successful",
        done_at=datetime(2026, 3, 2, 7, 30, tzinfo=UTC),
    )


def test_drives_of_several_machines_each_know_their_own() -> None:
    report = read(blancco_of_machines({"M1": [Drive("S1"), Drive("S2")], "M2": [Drive("S3")], "": [Drive("S4")]}))

    assert [(drive.serial, drive.machine) for drive in report.drives] == [
        ("S1", "M1"),
        ("S2", "M1"),
        ("S3", "M2"),
        ("S4", None),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_xml_is_read_however_it_is_encoded(encoding: str) -> None:
    said = {"utf-8-sig": "utf-8"}.get(encoding, encoding)
    text = blancco(THREE, head=f'<?xml version="1.0" encoding="{said}"?>').decode()

    assert len(read(text.encode(encoding)).drives) == len(THREE)


def test_nwipes_log_says_it_in_its_tables() -> None:
    long = "WD-WCC4E1234567890-ABCDEF"
    report = read(nwipe([(long, "Erased"), ("S2", "-FAILED-"), ("", "Erased"), ("XXXXXXXX", "UABORTED")]))

    assert (report.tool, report.tool_version) == ("nwipe", "0.37")
    assert [(drive.serial, drive.passed, drive.result) for drive in report.drives] == [
        (long, True, "Erased"),
        ("S2", False, "FAILED"),
        (None, True, "Erased"),
        (None, False, "UABORTED"),
    ]
    assert {(drive.standard, drive.method) for drive in report.drives} == {("DoD Short", ErasureMethod.CLEAR)}
    assert report.drives[0].verification == "VL: 0"
    assert report.drives[0].done_at == datetime(2026, 3, 2, 7, 50, tzinfo=UTC)


def test_what_nwipe_has_not_looked_at_is_not_verified() -> None:
    (drive,) = read(nwipe([("S1", "Erased")], verify="NV")).drives

    assert drive.verification is None


def test_a_second_run_in_one_log_counts_by_itself() -> None:
    report = read(nwipe([("S1", "Erased")]) + nwipe([("S2", "Erased")], method="Verify Zeros (0x00)"))

    assert [(drive.serial, drive.method) for drive in report.drives] == [("S1", ErasureMethod.CLEAR), ("S2", None)]


@pytest.mark.parametrize(
    ("standard", "method"),
    [
        ("NIST 800-88 Clear", ErasureMethod.CLEAR),
        ("NIST SP 800-88 Rev. 2 Purge", ErasureMethod.PURGE),
        ("nist 800-88 r1, destroy", ErasureMethod.DESTROY),
        ("NIST 800-88", None),
        ("HMG Infosec Standard 5, Higher Standard", ErasureMethod.CLEAR),
        ("Fill With Zeros", ErasureMethod.CLEAR),
        ("PRNG Stream", ErasureMethod.CLEAR),
        ("Verify Ones (0xFF)", None),
        ("Verify DoD", None),
        ("Super Purge 9000", None),
    ],
)
def test_a_purge_is_only_what_calls_itself_one_by_the_standard(standard: str, method: ErasureMethod | None) -> None:
    assert method_of(standard) == method


BOMB = '<!DOCTYPE root [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><root>&b;</root>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE root [<!ENTITY a SYSTEM "file:///etc/passwd">]><root>&a;</root>'


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"", ["paper_empty"], id="nothing"),
        pytest.param(b"\x89PNG\r\n\x1a\n" * 9, ["report_unknown"], id="a picture"),
        pytest.param(b"%PDF-1.7\n%%EOF", ["report_unknown"], id="a PDF, which nwipe writes as well"),
        pytest.param(b"serial;result\nS1;ok\n", ["report_unknown"], id="a list of somebody's own"),
        pytest.param(b"<html><body>Erased</body></html>", ["report_broken"], id="a page"),
        pytest.param(b"<root><report></report></root>", ["report_empty"], id="no drive"),
        pytest.param(BOMB.encode(), ["report_broken"], id="entities that grow"),
        pytest.param(OUTSIDE.encode(), ["report_broken"], id="entities from outside"),
        pytest.param(blancco(THREE)[:-40], ["report_broken"], id="cut off"),
        pytest.param(b"<root>" * 5_000, ["report_broken"], id="far too deep"),
        pytest.param(b'<?xml version="1.0" encoding="klingon"?><root/>', ["report_broken"], id="an unknown encoding"),
        pytest.param(b"<root>" + b" " * LARGEST_PAPER, ["report_too_large"], id="far too large"),
        pytest.param(nwipe([("S1", "Erased")]).partition(b"Total")[0], ["report_unfinished"], id="a run without end"),
        pytest.param(blancco([Drive("S1"), Drive("s1")]), ["drive_twice"], id="a drive twice"),
        pytest.param(blancco([Drive("S" * 65_000)]), ["report_field_too_long"], id="a serial of 64 kB"),
        pytest.param(
            blancco([Drive("S1", standard="x" * 65_000)]), ["report_field_too_long"], id="a standard of 64 kB"
        ),
        pytest.param(blancco([Drive("Ѕ1")]), ["serial_foreign_letters"], id="a Cyrillic letter"),
        pytest.param(blancco([Drive("S\u200b1")]), ["serial_foreign_letters"], id="an invisible letter"),
        pytest.param(blancco([Drive("S1", time="yesterday")]), ["report_time_unreadable"], id="no time"),
        pytest.param(
            blancco([Drive(f"S{n}") for n in range(MOST_DRIVES + 1)]), ["too_many_drives"], id="more than an order has"
        ),
    ],
)
def test_what_is_no_report_is_refused_in_a_sentence(content: bytes, expected: list[str]) -> None:
    assert codes(content) == expected


def test_all_that_is_wrong_is_said_at_once() -> None:
    drives = [Drive("S1"), Drive("S1"), Drive("Ѕ2", time="?"), Drive("S3", result="", standard="")]

    assert codes(blancco(drives)) == [
        "drive_twice",
        "serial_foreign_letters",
        "report_time_unreadable",
        "report_field_missing",
        "report_field_missing",
    ]


def test_whoever_has_read_it_may_have_been_taken_over() -> None:
    for parcel in (b"", b"text/html\n{}", b"application/xml\n[]", b"application/xml\n" + b"{" * 100_000):
        with pytest.raises(Unacceptable):
            unpacked_report(parcel)


def test_a_report_of_five_hundred_drives_is_read_as_a_whole() -> None:
    report = read(blancco([Drive(f"S{n}") for n in range(MOST_DRIVES)]))

    assert len(report.drives) == MOST_DRIVES
