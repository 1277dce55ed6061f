"""A small office move, played as `imac demo` plays the example: a program, so that it can be killed."""

import asyncio
import sys
from pathlib import Path

from rich.console import Console

from cli.demo_move import MoveDemo
from cli.demo_move_report import MoveReport
from cli.demo_plot import Plot
from cli.demo_stage import open_stage
from cli.programs import read_settings
from cli.stack_file import api_url
from connectors.contract_files import read_plan_request

ASSETS = """\
Inventarnummer;Seriennummer;Modell;Kategorie;Status;Standort;Gebäude;Etage;Raum;Platz;Nutzer
SM-1;S1;ThinkPad T14 Gen 4;Notebook;im Einsatz;Augsburg;C;1;1.01;1;Ada Klein
SM-2;S2;ThinkPad T14 Gen 4;Notebook;im Einsatz;Augsburg;C;1;1.01;2;Ben Klein
SM-3;S3;ThinkPad T14 Gen 4;Notebook;im Einsatz;Augsburg;C;1;1.02;1;Cem Klein
SM-4;S4;ThinkPad T14 Gen 4;Notebook;im Einsatz;Augsburg;C;1;1.02;2;Dora Klein
"""
# Two swap desks. The days have long gone by: a Thursday and a Friday.
ROWS = """\
Mitarbeiter;von Gebäude;von Etage;von Raum;von Platz;nach Gebäude;nach Etage;nach Raum;nach Platz;Umzugsdatum;Welle
Ada Klein;C;1;1.01;1;C;1;1.01;2;14.03.2024;Welle 1
Ben Klein;C;1;1.01;2;C;1;1.01;1;14.03.2024;Welle 1
Cem Klein;C;1;1.02;1;C;2;2.02;1;14.03.2024;Welle 1
Dora Klein;C;1;1.02;2;C;2;2.02;2;15.03.2024;Welle 2
"""
PLAN = b"""\
waves:
  - {id: w1, group: Welle 1, start: 2024-03-14T08:00:00+01:00, end: 2024-03-14T17:00:00+01:00}
  - {id: w2, group: Welle 2, start: 2024-03-15T08:00:00+01:00, end: 2024-03-15T16:00:00+01:00, after: [w1]}
technicians: [{id: p-lang}]
interim: [{site: adler-hq, building: C, floor: "1", room: "1.99"}]
"""
PLOT = Plot(
    project="cli-small-move",
    name="Umzug im Haus C",
    list_name="haus-c.csv",
    rows=ROWS,
    plan=read_plan_request(PLAN),
    fails="Cem Klein",
    differs="Dora Klein",
)


async def play(data_dir: Path) -> MoveReport:
    settings = read_settings(data_dir)
    async with open_stage(api_url(settings), settings.data_dir, Console(width=160), "en") as stage:
        return await MoveDemo(stage, PLOT).run()


if __name__ == "__main__":
    asyncio.run(play(Path(sys.argv[1])))
