"""Reports as erasure tools write them, of drives that never were."""

from collections.abc import Iterable
from typing import NamedTuple
from xml.sax.saxutils import escape

NIST_PURGE = "NIST 800-88 Purge"


class Drive(NamedTuple):
    serial: str
    result: str = "Successful"
    standard: str = NIST_PURGE
    time: str = "2026-03-02T08:30:00+0100"
    errors: int = 0


def blancco(
    drives: Iterable[Drive], *, machine: str = "", head: str = '<?xml version="1.0" encoding="UTF-8"?>'
) -> bytes:
    """One machine with these drives, as Blancco Drive Eraser exports it."""
    return f"{head}<root>{_machine(drives, machine)}</root>".encode()


def blancco_of_machines(machines: dict[str, Iterable[Drive]]) -> bytes:
    return f"<root>{''.join(_machine(drives, name) for name, drives in machines.items())}</root>".encode()


def _machine(drives: Iterable[Drive], machine: str) -> str:
    return (
        "<report><blancco_data><description><document_id>1</document_id><document_log><log_entry><author>"
        '<product_name id="51" name="Blancco Drive Eraser">Blancco Drive Eraser</product_name>'
        "<product_version>7.9.1</product_version></author></log_entry></document_log></description>"
        '<blancco_erasure_report><entries name="erasures">'
        f"{''.join(map(_erasure, drives))}</entries></blancco_erasure_report>"
        '<blancco_hardware_report><entries name="system">'
        f'<entry name="manufacturer" type="string">LENOVO</entry>{_entry("serial", machine)}</entries>'
        '<entries name="disks"><entries name="disk"><entry name="serial" type="string">not this one</entry></entries>'
        "</entries></blancco_hardware_report></blancco_data></report>"
    )


def _erasure(drive: Drive) -> str:
    target = f'<entries name="target">{_entry("serial", drive.serial)}{_entry("model", "ST1000")}</entries>'
    step = f'<entries name="step">{_entry("state", "Failed")}</entries>'
    said = {
        "timestamp": drive.time,
        "state": drive.result,
        "erasure_standard_name": drive.standard,
        "total_errors": f"{drive.errors}",
    }
    steps = f'<entries name="steps">{step}</entries>'
    return f'<entries name="erasure">{"".join(map(_entry, said, said.values()))}{target}{steps}</entries>'


def _entry(name: str, text: str) -> str:
    return f'<entry name="{name}" type="string">{escape(text)}</entry>' if text else ""


def nwipe(
    drives: Iterable[tuple[str, str]],
    *,
    method: str = "DoD Short",
    verify: str = "VL",
    ended: str = "2026/03/02 08:55:10",
) -> bytes:
    """The log of one run; of each drive its serial, and `Erased` or `-FAILED-`."""
    listed = [(f"sd{chr(97 + at % 26)}{at // 26 or ''}", *drive) for at, drive in enumerate(drives)]
    lines = ["[2026/03/02 08:01:00]    info: nwipe 0.37"]
    for name, serial, _ in listed:
        lines += [f"[2026/03/02 08:01:01]  notice: /dev/{name} has serial number {serial}"] * bool(serial)
        lines += [f"[2026/03/02 08:50:00]  notice: Finished final round 1 of 1 on /dev/{name}"]
    lines += ["", f"{' Error Summary ':*^80}"]
    lines += [r"!   Device | Pass Errors | Verifications Errors | Fdatasync I\O Errors", "-" * 80]
    for name, _, result in listed:
        lines += [f"{_mark(result)} {name:>8} |           0 |           {int(result != 'Erased')} |          0"]
    lines += ["*" * 80, "", f"{' Drive Status ':*^80}"]
    lines += ["!   Device | Status | Thru-put | HH:MM:SS | Model/Serial Number", "-" * 80]
    for name, serial, result in listed:
        row = f"{name:>8} |{result:^8}|  127 MB/s | 00:08:57 | ATA SAMSUNG HD160/{serial[:20]}"
        lines += [f"{_mark(result)} {row}"]
    lines += ["-" * 80, f"[{ended}] Total Throughput 812 MB/s, {method}, 1R+B+{verify}", "*" * 80, ""]
    return "\n".join(lines).encode()


def _mark(result: str) -> str:
    return " " if result == "Erased" else "!"
