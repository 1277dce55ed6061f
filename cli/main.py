"""The `imac` command. Commands are named as strings, so that asking for help imports none of them."""

import sys
from importlib.metadata import version

from cyclopts import App, CycloptsError
from rich.console import Console

from cli.errors import CliError, Exit

app = App(
    name="imac",
    help="IT service work as durable workflows: orders, their clocks, assets and charges.",
    version=lambda: version("imacflow"),
    help_format="plaintext",
)
app.command("cli.stack:up", name="up", help="Start Temporal, a worker and the API in one go.")
app.command("cli.programs:worker", name="worker", help="Run one worker in the foreground.")
app.command("cli.programs:api", name="api", help="Run one API server in the foreground.")
app.command("cli.programs:migrate", name="migrate", help="Bring the database to the newest schema.")
app.command("cli.orders:app", name="order", help="Place orders, see how they stand, and bring them on.")
app.command("cli.assets:app", name="asset", help="Import assets, list them and see their life.")
app.command("cli.chains:app", name="chain", help="See what a contract promises, before anything starts.")
app.command("cli.contracts:app", name="contract", help="Import customers with their contracts, and list them.")
app.command("cli.keys:app", name="key", help="Make, list and revoke API keys.")
app.command("cli.demo:demo", name="demo", help="Work one order of each kind to its end, on the example customer.")


def main() -> None:
    try:
        app(exit_on_error=False)
    except CycloptsError:
        # Cyclopts has said what is wrong, but would exit with 1, which means refused here.
        sys.exit(Exit.USAGE)
    except CliError as error:
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        console.print(error.message, style="bold red", markup=False)
        console.print(error.hint, markup=False)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
