"""`imac demo`: the example office move, from its list to its last workplace, by the people it takes."""

import sys
from pathlib import Path

from cyclopts import App
from rich.console import Console

from cli.asking import ASKING, Asking
from cli.demo.move import MoveDemo
from cli.demo.orders import show_item
from cli.demo.plot import example_plot
from cli.demo.stage import open_stage
from cli.demo.words import said
from cli.error_words import show
from cli.errors import CliError, Exit
from cli.stack.programs import read_settings
from cli.stack_file import api_url
from cli.words import spoken_here

app = App(name="demo")
app.command("cli.demo.orders:orders", name="orders", help="Run one order of each kind to completion.")
app.command(
    "cli.demo.stage:load", name="load", help="Load only the example customer, its assets and keys for its people."
)
app.command("cli.demo.incidents:incidents", name="incidents", help="Report five incidents; one returns, one escalates.")


@app.default
async def demo(*, asking: Asking = ASKING) -> None:
    """Move the example office: two floors in three waves, planned, approved, launched and carried out.

    One row fails and is tried again, another is an exception until the right device has come. What is there already
    stays: run again, it goes on where it stopped and does nothing twice.
    """
    settings = read_settings(asking.data_dir)
    console = Console(quiet=True) if asking.json else asking.console
    async with open_stage(api_url(settings), settings.data_dir, console, asking.language) as stage:
        report = await MoveDemo(stage, example_plot()).run()
    if asking.json:
        sys.stdout.write(f"{report.model_dump_json()}\n")
    if not report.is_whole:
        sys.exit(Exit.REFUSED)


async def run(url: str, data_dir: Path, console: Console) -> None:
    """What `imac up --demo` does; trouble is reported and leaves the stack running."""
    language = spoken_here()
    try:
        async with open_stage(url, data_dir, console, language) as stage:
            # So that the move can be watched at the pages while it goes on; when it is over, they may be over too.
            await stage.open_doors()
            await MoveDemo(stage, example_plot()).run()
            await show_item(stage)
            await stage.open_doors()
    except CliError as error:
        show(error, language, console)
        console.print(said("go_on", language), markup=False)
