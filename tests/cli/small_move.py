"""A small office move, played as `imac demo` plays the example: a program, so that it can be killed."""

import asyncio
import sys
from pathlib import Path

from rich.console import Console

from cli.demo.move import MoveDemo
from cli.demo.move_report import MoveReport
from cli.demo.plot import MovePlot
from cli.demo.stage import open_stage
from cli.stack.programs import read_settings
from cli.stack_file import api_url
from connectors.contract_files import read_plan_request

# Each building has its own people, desks and devices: one project knows nothing of another.
# The last one stands where others move to: nobody moves to a floor or room that the register does not know.
ASSETS = """\
Inventarnummer;Seriennummer;Modell;Kategorie;Status;Standort;Gebäude;Etage;Raum;Platz;Nutzer
SM{building}-1;S{building}1;ThinkPad T14 Gen 4;Notebook;im Einsatz;Augsburg;{building};1;1.01;1;Ada Klein
SM{building}-2;S{building}2;ThinkPad T14 Gen 4;Notebook;im Einsatz;Augsburg;{building};1;1.01;2;Ben Klein
SM{building}-3;S{building}3;ThinkPad T14 Gen 4;Notebook;im Einsatz;Augsburg;{building};1;1.02;1;Cem Klein
SM{building}-4;S{building}4;ThinkPad T14 Gen 4;Notebook;im Einsatz;Augsburg;{building};1;1.02;2;Dora Klein
SM{building}-5;S{building}5;ThinkPad T14 Gen 4;Notebook;auf Lager;Augsburg;{building};2;2.02;;
"""
# Two swap desks. The days have long gone by: a Thursday and a Friday.
ROWS = """\
Mitarbeiter;von Gebäude;von Etage;von Raum;von Platz;nach Gebäude;nach Etage;nach Raum;nach Platz;Umzugsdatum;Welle
Ada Klein;{building};1;1.01;1;{building};1;1.01;2;14.03.2024;Welle 1
Ben Klein;{building};1;1.01;2;{building};1;1.01;1;14.03.2024;Welle 1
Cem Klein;{building};1;1.02;1;{building};2;2.02;1;14.03.2024;Welle 1
Dora Klein;{building};1;1.02;2;{building};2;2.02;2;15.03.2024;Welle 2
"""
PLAN = """\
waves:
  - {{id: w1, group: Welle 1, start: 2024-03-14T08:00:00+01:00, end: 2024-03-14T17:00:00+01:00}}
  - {{id: w2, group: Welle 2, start: 2024-03-15T08:00:00+01:00, end: 2024-03-15T16:00:00+01:00, after: [w1]}}
technicians: [{{id: p-lang}}]
interim: [{{site: adler-hq, building: {building}, floor: "1", room: "1.99"}}]
"""


def assets(building: str) -> str:
    return ASSETS.format(building=building)


def plot(building: str) -> MovePlot:
    return MovePlot(
        project=f"small-move-{building.lower()}",
        name=f"Umzug im Haus {building}",
        list_name=f"haus-{building.lower()}.csv",
        rows=ROWS.format(building=building),
        plan=read_plan_request(PLAN.format(building=building).encode()),
        fails="Cem Klein",
        differs="Dora Klein",
    )


async def play(data_dir: Path, building: str) -> MoveReport:
    settings = read_settings(data_dir)
    async with open_stage(api_url(settings), settings.data_dir, Console(width=160), "en") as stage:
        return await MoveDemo(stage, plot(building)).run()


if __name__ == "__main__":
    asyncio.run(play(Path(sys.argv[1]), sys.argv[2]))
