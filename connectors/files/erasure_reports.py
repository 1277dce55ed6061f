"""Reports of erasure tools, each of many drives: the XML of Blancco and the log of nwipe, told by what is in them.

Of Blancco `blancco_erasure_report` and beside it the serial of the machine; of nwipe the tables at the end of a run.
The lines of nwipe are in local time. Where a drive says no serial, or hides it (`-q`), nobody knows which it was.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, get_args

from pydantic import ValidationError

from connectors.files.encodings import decoded
from connectors.files.markup import Attributes, Markup
from domain.cases.erasures import MOST_DRIVES, ErasedDrive, ErasureReport
from domain.contracts.erasure_standards import method_of
from domain.papers import LARGEST_PAPER, MediaType
from domain.refusals import Problem, Unacceptable, refuse_if
from domain.times import first_instant, utc
from domain.values import clean

_AT = "/file"
_LONGEST = 500
_CHUNK = 65_536
_XML = re.compile(rb"\s*<|\xff\xfe<\x00|\xfe\xff\x00<|<\x00")
_SERIAL = re.compile(r"[!-~](?:[ -~]{0,62}[!-~])?")
_HIDDEN = re.compile(r"[X?*]+|none|n/a|unknown|not available|to be filled by o\.e\.m\.|default string", re.IGNORECASE)


@dataclass
class _Said:
    """Of one drive, in the tool's words."""

    fields: dict[str, str] = field(default_factory=dict)

    def of(self, name: str) -> str:
        return self.fields.get(name, "").strip()


class _Read(NamedTuple):
    media_type: MediaType
    tool: str
    version: str
    drives: list[_Said]


def read_erasure_report(content: bytes, zone: str) -> bytes:
    """Its media type, a line break, and what it says as JSON. `zone` is where clocks without one stood.

    Raises `Unacceptable` naming all that is wrong.
    """
    if not content:
        raise _refused("paper_empty")
    if len(content) > LARGEST_PAPER:
        raise _refused("report_too_large", limit=f"{LARGEST_PAPER // 1_000_000} MB")
    read = _blancco(content) if _XML.match(content.removeprefix(b"\xef\xbb\xbf")) else _nwipe(content)
    if not read.drives:
        raise _refused("report_empty")
    if len(read.drives) > MOST_DRIVES:
        raise _refused("too_many_drives", limit=f"{MOST_DRIVES}")
    refuse_if(
        [*_doubles(read.drives), *(problem for n, said in enumerate(read.drives) for problem in _wrong(n, said, zone))]
    )
    report = ErasureReport(
        tool=clean(read.tool, 200) or "?",
        tool_version=clean(read.version, 200) or None,
        drives=tuple(_drive(said, zone) for said in read.drives),
    )
    return read.media_type.encode() + b"\n" + report.model_dump_json().encode()


def unpacked_report(parcel: bytes) -> tuple[MediaType, ErasureReport]:
    """Raises `Unacceptable` for what is no parcel: whoever has read a stranger's file may have been taken over."""
    named, _, written = parcel.partition(b"\n")
    known: dict[bytes, MediaType] = {one.encode(): one for one in get_args(MediaType)}
    try:
        return known[named], ErasureReport.model_validate_json(written)
    except (KeyError, ValidationError):
        raise _refused("report_broken") from None


def _refused(code: str, **values: str) -> Unacceptable:
    return Unacceptable(Problem(code=code, at=_AT, values=values))


_NEEDED = ("standard", "result", "time")


def _wrong(number: int, said: _Said, zone: str) -> Iterator[Problem]:
    at, drive, serial = f"/drives/{number}", f"{number + 1}", clean(said.of("serial"), 64)
    for name, text in said.fields.items():
        if len(text) > _LONGEST:
            values = {"drive": drive, "field": name, "limit": f"{_LONGEST}"}
            yield Problem(code="report_field_too_long", at=at, values=values)
    for name in _NEEDED:
        if not said.of(name):
            values = {"drive": drive, "serial": serial, "field": name}
            yield Problem(code="report_field_missing", at=at, values=values)
    for text in (said.of("serial"), said.of("machine")):
        if text and len(text) <= _LONGEST and not _SERIAL.fullmatch(text):
            yield Problem(code="serial_foreign_letters", at=at, values={"drive": drive, "serial": clean(text, 64)})
    if said.of("time") and _moment(said.of("time"), zone) is None:
        yield Problem(code="report_time_unreadable", at=at, values={"drive": drive, "serial": serial})


def _doubles(drives: Iterable[_Said]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for number, said in enumerate(drives):
        serial = said.of("serial").casefold()
        if serial and not _HIDDEN.fullmatch(serial) and seen.setdefault(serial, number) != number:
            values = {"serial": clean(said.of("serial"), 64), "drive": f"{number + 1}"}
            yield Problem(code="drive_twice", at=f"/drives/{number}", values=values)


def _drive(said: _Said, zone: str) -> ErasedDrive:
    done_at = _moment(said.of("time"), zone)
    assert done_at is not None  # refused before
    standard = clean(said.of("standard"), 200)
    return ErasedDrive(
        serial=_serial(said.of("serial")),
        machine=_serial(said.of("machine")),
        model=clean(said.of("model"), 200) or None,
        standard=standard,
        method=method_of(standard),
        passed=said.of("passed") == "yes",
        result=clean(said.of("result"), 200),
        verification=clean(said.of("verification"), 200) or None,
        done_at=done_at,
    )


def _serial(text: str) -> str | None:
    return None if not text or _HIDDEN.fullmatch(text) else text


def _moment(text: str, zone: str) -> datetime | None:
    """None where it is no moment. What a clock showed twice was its first time."""
    with suppress(ValueError, OverflowError):
        at = datetime.fromisoformat(text.replace("/", "-"))
        return first_instant(at, zone) if at.tzinfo is None else utc(at)
    return None


class _Blancco(Markup):
    """Elements are called by their `name`, where they have one: the same file comes in both ways."""

    def __init__(self) -> None:
        super().__init__()
        self.drives: list[_Said] = []
        self.tool = self.version = ""
        self._path: list[str] = []
        self._here: list[_Said] = []
        self._machine = ""
        self._text: list[str] = []
        self._length = 0

    def may_be_root(self, name: str) -> bool:
        return name in ("root", "report", "reports", "blancco_data", "blancco_erasure_report")

    def opened(self, name: str, attributes: Attributes) -> None:
        self._path.append(attributes.get("name", name) if name in ("entries", "entry") else name)
        if self._path[-1] == "report":
            self._forget_machine()
        elif self._path[-2:] == ["erasures", "erasure"]:
            said = _Said()
            self._here.append(said)
            self.drives.append(said)
            if len(self.drives) > MOST_DRIVES:
                raise _refused("too_many_drives", limit=f"{MOST_DRIVES}")
        self._text, self._length = [], 0
        self.listen(self._wanted() is not None)

    def said(self, text: str) -> None:
        # Of what is too long, only that it is.
        if self._length <= _LONGEST:
            self._text.append(text)
        self._length += len(text)

    def closed(self, name: str) -> None:
        wanted = self._wanted()
        if wanted is not None:
            self._keep(wanted, "".join(self._text))
        self._path.pop()
        self._text, self._length = [], 0
        self.listen(False)

    def done(self) -> None:
        self._forget_machine()

    def _wanted(self) -> str | None:
        path = self._path
        if path[-3:-1] == ["erasures", "erasure"] and path[-1] in OF_ERASURE:
            return OF_ERASURE[path[-1]]
        if path[-4:-1] == ["erasures", "erasure", "target"] and path[-1] in OF_TARGET:
            return OF_TARGET[path[-1]]
        if path[-3:] == ["blancco_hardware_report", "system", "serial"]:
            return "machine"
        return path[-1] if path[-1] in ("product_name", "product_version") and "author" in path else None

    def _keep(self, wanted: str, text: str) -> None:
        match wanted:
            case "machine":
                self._machine = text
            case "product_name":
                self.tool = self.tool or text
            case "product_version":
                self.version = self.version or text
            case _:
                self.drives[-1].fields[wanted] = text

    def _forget_machine(self) -> None:
        """What was said of a machine holds for all drives of its report, in whichever order they come."""
        for said in self._here:
            if self._machine:
                said.fields["machine"] = self._machine
        self._here, self._machine = [], ""


OF_ERASURE = {
    "state": "result",
    "timestamp": "time",
    "erasure_standard_name": "standard",
    "total_errors": "errors",
    "failed_sectors": "failed",
}
OF_TARGET = {"serial": "serial", "model": "model"}


def _blancco(content: bytes) -> _Read:
    found = _Blancco()
    try:
        found.read(content[at : at + _CHUNK] for at in range(0, len(content), _CHUNK))
    except Unacceptable as refused:
        # What is no such part of a workbook is no such report either.
        raise (refused if refused.problems[0].at == _AT else _refused("report_broken")) from None
    found.done()
    for said in found.drives:
        # Blancco verifies as part of its work; it has succeeded when that has.
        clean_result = said.of("result").lower() == "successful"
        passed = clean_result and {said.of("errors") or "0", said.of("failed") or "0"} == {"0"}
        said.fields |= {"passed": "yes" if passed else "no", "verification": said.of("result")}
    return _Read("application/xml", found.tool or "Blancco", found.version, found.drives)


_STAMP = re.compile(r"\[(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d)\]")
_TOTAL = re.compile(
    r"\[(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d)\] Total Throughput [^,]{1,40}, (.{1,60}), \d+R\+N?B\+(NV|VL|VA)"
)
_DEVICE = re.compile(r"/dev/([\w/]{1,32})")
_NUMBERED = re.compile(r"/dev/([\w/]{1,32}) has serial number (\S{1,64})")
_VERSION = re.compile(r"\bnwipe v?(\d[\w.-]{0,30})")
_RULE = re.compile(r"[-*]{20,}\s*")


@dataclass
class _Run:
    """What one run of nwipe has said until its tables are over."""

    seen: dict[str, str] = field(default_factory=dict)
    serials: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    drives: list[tuple[str, _Said]] = field(default_factory=list)


def _nwipe(content: bytes) -> _Read:
    lines = _lines(content)
    if not any("Drive Status" in line and line.startswith("***") for line in lines):
        raise _refused("report_unknown")
    run, table, version = _Run(), "", ""
    whole: list[_Said] = []
    for line in lines:
        version = version or (found[1] if (found := _VERSION.search(line)) else "")
        if line.startswith("***"):
            table = "errors" if "Error Summary" in line else "drives" if "Drive Status" in line else ""
        elif total := _TOTAL.match(line):
            whole += _finished(run, *total.groups())
            run, table = _Run(), ""
        elif table and "|" in line and not line.startswith("!   Device") and not line.startswith("! Device"):
            _told(run, table, line)
        elif not _RULE.fullmatch(line):
            _noticed(run, line)
    if run.drives:
        raise _refused("report_unfinished")
    return _Read("text/plain", "nwipe", version, whole)


def _lines(content: bytes) -> list[str]:
    try:
        text = decoded(content)
    except Unacceptable:
        raise _refused("report_broken") from None
    lines = text.splitlines()
    if any(len(line) > 2 * _LONGEST for line in lines):
        raise _refused("report_broken")
    return lines


def _told(run: _Run, table: str, line: str) -> None:
    device, *cells = (cell.strip() for cell in line.lstrip("!").split("|", 4))
    if table == "errors" and len(cells) > 1:
        run.errors[device] = cells[1]
    elif table == "drives" and len(cells) == 4:  # noqa: PLR2004  # status, throughput, duration, model and serial
        model, _, serial = cells[3].rpartition("/")
        run.drives.append((device, _Said({"result": cells[0].strip("-"), "model": model, "serial": serial})))


def _noticed(run: _Run, line: str) -> None:
    if (stamp := _STAMP.match(line)) is None:
        return
    if (numbered := _NUMBERED.search(line)) is not None:
        run.serials[_short(numbered[1])] = numbered[2]
    run.seen |= {_short(device): stamp[1] for device in _DEVICE.findall(line)}


def _short(device: str) -> str:
    return device.rpartition("/")[2]


def _finished(run: _Run, ended: str, standard: str, verified: str) -> Iterator[_Said]:
    for device, said in run.drives:
        whole = run.serials.get(device, "")
        if whole.startswith(said.of("serial")):
            # In the table there is room for twenty letters.
            said.fields["serial"] = whole
        said.fields |= {"standard": standard.strip(), "time": run.seen.get(device, ended)}
        said.fields["passed"] = "yes" if said.of("result") == "Erased" else "no"
        if verified != "NV":
            said.fields["verification"] = f"{verified}: {run.errors.get(device, '?')}"
        yield said
