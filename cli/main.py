"""The `imac` command. Commands are named as strings, so that asking for help imports none of them."""

import os
import sys
from contextlib import suppress
from importlib import import_module
from importlib.metadata import version
from io import TextIOWrapper
from typing import NoReturn

from cyclopts import App, CycloptsError

from cli.errors import CliError, Exit

_SDK = "temporalio.bridge.runtime"

app = App(
    name="imac",
    help="IT service orders and incidents as durable workflows, with SLAs, assets and charges.",
    version=lambda: version("imacflow"),
    help_format="plaintext",
)
app.command("cli.stack.up:up", name="up", help="Start Temporal, a worker and the API together.")
app.command("cli.demo.app:app", name="demo", help="Run a demo: an office move, or one order of each kind.")
app.command("cli.door:show", name="door", help="Show refused requests and changes of keys and channels.")
app.command("cli.setup.init:init", name="init", help="Prepare database, Temporal namespace and the first key.")
app.command("cli.setup.doctor:doctor", name="doctor", help="Check what imacflow runs on, and say what to type.")
app.command("cli.faults:check", name="check", help="Check that all open cases are run and get on.")
app.command("cli.search:search", name="search", help="Find things by the beginning of what you know.")
app.command("cli.setup.backups:backup", name="backup", help="Back up the embedded stack while it runs.")
app.command("cli.setup.restoring:restore", name="restore", help="Bring the embedded stack back from a backup.")
app.command("cli.setup.rebuild:rebuild", name="rebuild", help="Bring tables back from what Temporal has in history.")
app.command("cli.stack.programs:worker", name="worker", help="Run one worker in the foreground.")
app.command("cli.stack.programs:api", name="api", help="Run one API server in the foreground.")
app.command("cli.stack.migrating:migrate", name="migrate", help="Upgrade the database to the latest schema.")

GROUPS = {
    "order": "Place orders, check their status and move them forward.",
    "incident": "Report, track and work on incidents.",
    "awaited": "Show what cases wait for people to say.",
    "waste": "Report what has left as waste, by weight and code.",
    "asset": "Import assets, list them and show their history.",
    "project": "Import a move list, correct it, plan, approve and launch it, and run it to completion.",
    "chain": "Show what a contract promises before anything starts.",
    "catalogue": "Show what can be ordered under a contract.",
    "contract": "Import customers with their contracts, and list them.",
    "invoice": "Work out what a contract would cost.",
    "level": "Work out what a promise of availability came to.",
    "matrix": "Show and print a contract's communications matrix.",
    "sla": "Explain deadlines, run what-ifs and preview new service hours.",
    "oncall": "Show who is on call, add overrides, swap shifts.",
    "vendor": "Show vendors, their contracts and responsibilities.",
    "page": "Show pages and acknowledge them.",
    "channel": "Configure notification channels: mail, chat, SMS, webhooks.",
    "alert": "Show alerts and the incidents they opened; send alerts, save rules.",
    "maintenance": "Schedule maintenance windows during which alerts open no incidents.",
    "upgrade": "Check a new version against running cases, let it in, go back.",
    "secrets": "Manage the key that encrypts channels.",
    "person": "Take people who leave out of every place that names them.",
    "key": "Create, confirm, list and revoke API keys.",
}
COMMANDS = {
    "order place": ("cli.orders.order:place", "Place an order and show it."),
    "order list": ("cli.orders.order:list_orders", "List orders, newest first."),
    "order show": ("cli.orders.order:show", "Show an order's status and the next command."),
    "order timeline": ("cli.orders.order:timeline", "Show the history of an order."),
    "order watch": ("cli.orders.order:watch", "Follow an order until it is closed."),
    "order run-sheet": ("cli.orders.run_sheets:run_sheet", "Show or print a technician's visits of one day."),
    "order approve": ("cli.orders.commands:approve", "Approve an order."),
    "order reject": ("cli.orders.commands:reject", "Reject an order; this closes it."),
    "order book": ("cli.orders.commands:book", "Book an on-site appointment."),
    "order reschedule": ("cli.orders.commands:reschedule", "Reschedule the appointment before work starts."),
    "order start": ("cli.orders.commands:start", "Start work, or record that a vendor accepted the job."),
    "order complete": ("cli.orders.commands:complete", "Complete work, with time and parts."),
    "order log": ("cli.orders.commands:log", "Log time and parts without completing the work."),
    "order erase": ("cli.orders.commands:erase", "Record the erasure of a storage device."),
    "order erasure-report": ("cli.orders.erasures:erasure_report", "Prove erasures by the report of the tool."),
    "order erasures": ("cli.orders.erasures:erasures", "List the erasure records of an order."),
    "order waste": ("cli.orders.waste:order_waste", "List what of an order leaves as waste, with proposed codes."),
    "order declare": ("cli.orders.waste:declare", "Declare weight, battery and waste code."),
    "order recycler-list": (
        "cli.orders.recycler_lists:recycler_list",
        "Compare the recycler's list with what has left.",
    ),
    "order custody": ("cli.orders.commands:custody", "Confirm a handover for one side."),
    "order dispatch": ("cli.orders.commands:dispatch", "Offer a step to a vendor of the directory."),
    "order vendor": ("cli.orders.commands:vendor", "Record the vendor's status."),
    "order doubt-certificate": ("cli.orders.commands:doubt_certificate", "Say what is wrong with a certificate."),
    "order settle-certificate": ("cli.orders.commands:settle_certificate", "Settle what is in question about one."),
    "order evidence": ("cli.orders.commands:evidence", "Add a document as evidence."),
    "order attach": ("cli.orders.papers:attach", "Attach a photo, a signature or a document."),
    "order papers": ("cli.orders.papers:papers", "List the files and papers of an order, or save them."),
    "order protocol": (
        "cli.orders.protocols:protocol",
        "Print a time sheet, a protocol, a certificate or a disposal list.",
    ),
    "order verify": ("cli.orders.commands:verify", "Verify the assets at the destination."),
    "order hand-over": ("cli.orders.commands:hand_over", "Give a step to the customer's own IT, or take it back."),
    "order accept": ("cli.orders.commands:accept", "Accept the work."),
    "order decline": ("cli.orders.commands:decline", "Decline acceptance and return the work."),
    "order hold": ("cli.orders.commands:hold", "Put the order and its clocks on hold."),
    "order resume": ("cli.orders.commands:resume", "Resume from hold."),
    "order cancel": ("cli.orders.commands:cancel", "Cancel the order and roll back what was done."),
    "order retry": ("cli.orders.commands:retry", "Retry a failed or stuck step."),
    "order skip": ("cli.orders.commands:skip", "Skip a step; a second person must confirm."),
    "order migrate": ("cli.orders.commands:migrate", "Switch to another contract version's service hours."),
    "incident report": ("cli.incidents.incident:report", "Report an incident and show it."),
    "incident list": ("cli.incidents.incident:list_incidents", "List incidents, newest first."),
    "incident show": ("cli.incidents.incident:show", "Show an incident's status and the next command."),
    "incident timeline": ("cli.incidents.incident:timeline", "Show the history of an incident."),
    "incident watch": ("cli.incidents.incident:watch", "Follow an incident until it is closed."),
    "incident classify": ("cli.incidents.commands:classify", "Set category and priority."),
    "incident prioritise": ("cli.incidents.commands:prioritise", "Change the priority."),
    "incident respond": ("cli.incidents.commands:respond", "Respond; stops the response clock."),
    "incident inform": ("cli.incidents.commands:inform", "Send the reporter an update."),
    "incident diagnose": ("cli.incidents.commands:diagnose", "Record a diagnosis."),
    "incident hand-over": ("cli.incidents.commands:hand_over", "Assign it to another person, team or vendor."),
    "incident send": ("cli.incidents.commands:send", "Send a technician."),
    "incident dispatch": ("cli.incidents.commands:dispatch", "Dispatch to the responsible vendor."),
    "incident vendor": ("cli.incidents.commands:vendor", "Record the vendor's status."),
    "incident hold": ("cli.incidents.commands:hold", "Pause the resolution clock."),
    "incident resume": ("cli.incidents.commands:resume", "Resume from hold."),
    "incident promise": ("cli.incidents.commands:promise", "Record a date agreed with the customer."),
    "incident link": ("cli.incidents.commands:link", "Link it to an order or a parent incident."),
    "incident order": ("cli.incidents.commands:order", "Place an order for it."),
    "incident log": ("cli.incidents.commands:log", "Log time and parts."),
    "incident answer": ("cli.incidents.commands:answer", "Answer, as the customer."),
    "incident merge": ("cli.incidents.commands:merge", "Merge it into another incident."),
    "incident waive": ("cli.incidents.commands:waive", "Waive a breach caused by a wrong priority."),
    "incident resolve": ("cli.incidents.commands:resolve", "Resolve it."),
    "incident confirm": ("cli.incidents.commands:confirm", "Confirm the resolution."),
    "incident reopen": ("cli.incidents.commands:reopen", "Reopen it."),
    "incident cancel": ("cli.incidents.commands:cancel", "Cancel it."),
    "incident migrate": ("cli.incidents.commands:migrate", "Switch to another contract version's service hours."),
    "incident bulk": ("cli.incidents.batches:bulk", "Assign, classify, resolve or link many incidents."),
    "incident replay-log": ("cli.incidents.replay_log:replay_log", "Replay a ServiceNow incident log."),
    "awaited list": ("cli.awaited:list_awaited", "List what is awaited, what is due first, first."),
    "awaited rebuild": ("cli.awaited:rebuild", "Write anew, from the cases, what they wait for."),
    "asset import": ("cli.assets:import_file", "Import a list of assets, CSV, XLSX or ODS."),
    "asset columns": ("cli.list_words:asset_columns", "Map column headers of asset lists."),
    "asset words": ("cli.list_words:asset_words", "Say what words in lists mean."),
    "asset papers": ("cli.orders.protocols:asset_papers", "List the files and proofs of an asset."),
    "asset list": ("cli.assets:list_assets", "List assets by tag."),
    "asset show": ("cli.assets:show", "Show an asset and its history."),
    "asset labels": ("cli.labels:labels", "Print labels with codes, on sheets or a roll."),
    "project import": ("cli.moves.project:import_file", "Import a move list, or a newer version of it."),
    "project issues": ("cli.moves.project:issues", "List all issues and conflicts."),
    "project rows": ("cli.moves.launched:rows", "List rows: which are ready and, after launch, their status."),
    "project export": ("cli.moves.project:export", "Export the list as a workbook with the corrections needed."),
    "project accept": ("cli.moves.project:accept", "Accept a conflict, with a reason."),
    "project plan": ("cli.moves.plans:plan", "Plan the ready rows: waves, technicians, times."),
    "project plans": ("cli.moves.plans:plans", "List a project's plans, or show one."),
    "project reschedule": ("cli.moves.plans:reschedule", "Reschedule one wave in a new plan and show the changes."),
    "project rehearse": ("cli.moves.rehearse:rehearse", "Simulate the latest plan many times."),
    "project approve": ("cli.moves.plans:approve", "Approve the latest plan; not by the person who made it."),
    "project launch": ("cli.moves.launched:launch", "Launch the latest approved plan."),
    "project show": ("cli.moves.launched:show", "Show a launched project's status and the next command."),
    "project watch": ("cli.moves.launched:watch", "Follow a launched project until it is closed."),
    "project exceptions": (
        "cli.moves.launched:exceptions",
        "List rows that need attention, most urgent first.",
    ),
    "project timeline": ("cli.moves.launched:timeline", "Show the history of a project and its waves."),
    "project messages": (
        "cli.moves.launched:messages",
        "List the messages about a project, each attempt with its result.",
    ),
    "project go": ("cli.moves.commands:go", "Give the go-ahead for a wave."),
    "project refuse": ("cli.moves.commands:refuse", "Refuse the go-ahead for a wave."),
    "project hold": ("cli.moves.commands:hold", "Put the project or one wave on hold."),
    "project resume": ("cli.moves.commands:resume", "Resume from hold."),
    "project adopt": ("cli.moves.commands:adopt", "Switch to a newer approved plan; shows the changes first."),
    "project cancel": ("cli.moves.commands:cancel", "Cancel the project; shows the effect on each row first."),
    "project retry": ("cli.moves.commands:retry", "Retry rows that failed or could not start."),
    "project withdraw": ("cli.moves.commands:withdraw", "Withdraw rows from the move."),
    "project assign": ("cli.moves.commands:assign", "Reassign exceptions."),
    "project close": ("cli.moves.commands:close", "Close the project with its remaining exceptions."),
    "project report": ("cli.moves.report:show_report", "Show the project report, or save it to a file."),
    "project doors": ("cli.moves.doors:doors", "Show or print who moves into which room, a sheet for each door."),
    "project template": ("cli.moves.project:template", "Write a move list from the register, to be filled in."),
    "project columns": ("cli.list_words:project_columns", "Map column headers that cannot be guessed."),
    "project words": ("cli.list_words:project_words", "Say what words in lists mean."),
    "chain show": ("cli.contracts.chains:show", "Show the steps for one kind of order."),
    "catalogue list": ("cli.contracts.catalogue:list_items", "List what can be ordered, with targets and prices."),
    "catalogue show": ("cli.contracts.catalogue:show", "Show an item: questions, people, steps and price."),
    "contract import": ("cli.contracts.contract:import_file", "Import a customer with sites, people and contracts."),
    "contract check": ("cli.contracts.contract:check", "Validate contracts without saving."),
    "contract list": ("cli.contracts.contract:list_contracts", "List the contracts in force."),
    "contract show": ("cli.contracts.contract:show", "Show what can be ordered, by when and at which price."),
    "contract cost": ("cli.contracts.costs:cost", "Work out what its cases cost, and would under other terms."),
    "contract print": ("cli.contracts.manuals:save", "Save the operating manual of a contract as PDF."),
    "invoice simulate": ("cli.contracts.simulations:simulate", "Work out invoices from terms and facts in a file."),
    "level simulate": ("cli.contracts.levels:simulate", "Measure availability from promises and outages in a file."),
    "matrix show": ("cli.contracts.matrix:show", "Show contacts and targets by priority."),
    "matrix print": ("cli.contracts.matrix:save", "Save the matrix as PDF or HTML for the customer."),
    "sla explain": ("cli.clocks.sla:explain", "Explain how a deadline was calculated."),
    "sla whatif": ("cli.clocks.sla:whatif", "Recalculate deadlines under other rules."),
    "sla preview": ("cli.clocks.sla:preview", "Preview the effect of a contract's latest service hours."),
    "oncall who": ("cli.oncall.rota:who", "Show who is on call, and how to reach them."),
    "oncall show": ("cli.oncall.rota:show", "Show a rota with its version."),
    "oncall shifts": ("cli.oncall.rota:shifts", "List shifts, past and future."),
    "oncall gaps": ("cli.oncall.rota:gaps", "List times with fewer than two reachable people."),
    "oncall override": ("cli.oncall.rota:override", "Add an override."),
    "oncall drop": ("cli.oncall.rota:drop", "Remove or end an override."),
    "oncall swap": ("cli.oncall.rota:swap", "Swap two shifts."),
    "oncall calendar": ("cli.oncall.feeds:calendar", "List, make or revoke calendar addresses."),
    "oncall import": ("cli.oncall.rota:import_file", "Import a rota."),
    "vendor list": ("cli.vendors:list_vendors", "List vendors with their targets."),
    "vendor show": ("cli.vendors:show", "Show a vendor's people, contracts and certificates."),
    "vendor certificates": ("cli.vendors:certificates", "List certificates, those that end next first."),
    "vendor who": ("cli.vendors:who", "Show which vendor is responsible."),
    "vendor directory": ("cli.vendors:directory", "Show the vendor directory."),
    "vendor import": ("cli.vendors:import_file", "Import vendors, their people and the directory."),
    "page list": ("cli.oncall.page:list_pages", "List pages, newest first."),
    "page show": ("cli.oncall.page:show", "Show who was paged, who acknowledged and what is next."),
    "page acknowledge": ("cli.oncall.page:acknowledge", "Acknowledge: stops the page."),
    "page decline": ("cli.oncall.page:decline", "Decline or hand back: the next person is paged at once."),
    "channel list": ("cli.channels:list_channels", "List the channels."),
    "channel set": ("cli.channels:set_channel", "Save a channel, with its secrets."),
    "channel test": ("cli.channels:try_channel", "Send a test message."),
    "waste report": ("cli.orders.waste:report", "Report a customer's waste of one calendar year."),
    "channel remove": ("cli.channels:remove", "Remove an unused channel."),
    "alert list": ("cli.alerts.alert:list_alerts", "List alerts, newest first."),
    "alert groups": ("cli.alerts.alert:groups", "List groups of alerts with their incidents."),
    "alert spells": ("cli.alerts.spells:spells", "List when an alert fired."),
    "alert rules": ("cli.alerts.alert:rules", "List or save alert rules."),
    "alert send": ("cli.alerts.alert:send", "Send an alert, or an Alertmanager payload."),
    "maintenance list": ("cli.alerts.maintenance:list_windows", "List current and planned windows."),
    "maintenance plan": ("cli.alerts.maintenance:plan", "Schedule or change a window."),
    "maintenance end": ("cli.alerts.maintenance:end", "Cancel a window, or end it now."),
    "upgrade check": ("cli.upgrades.check:check", "Replay open cases with this version's code."),
    "upgrade show": ("cli.upgrades.standing:show", "Show the versions of workers, and their cases."),
    "upgrade allow": ("cli.upgrades.letting_in:allow", "Let this version in: cases go on with it."),
    "upgrade roll-back": ("cli.upgrades.going_back:roll_back", "Go back to the version before."),
    "secrets rotate": ("cli.secrets:rotate", "Re-encrypt channels under a new key."),
    "secrets adopt": ("cli.secrets:adopt_links", "Sign links with another secret from now on."),
    "person leave": ("cli.people:leave", "Take a person who leaves out of every place."),
    "key create": ("cli.keys:create", "Create a key; it is shown once."),
    "key confirm": ("cli.keys:confirm", "Confirm a key proposed by another administrator."),
    "key list": ("cli.keys:list_keys", "List keys with maker, last use and end."),
    "key sign-in": ("cli.keys:sign_in", "Print a link that signs you in at the pages, once."),
    "key revoke": ("cli.keys:revoke", "Revoke a key immediately."),
}
for group, about in GROUPS.items():
    app.command(App(name=group, help=about))
for words, (where, about) in COMMANDS.items():
    group, name = words.split()
    app[group].command(where, name=name, help=about)


def main() -> None:
    for stream in (sys.stdout, sys.stderr):
        # A terminal that has no dash or tick shows a question mark, and the rest of the sheet.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app(sys.argv[1:], exit_on_error=False, print_error=False)
    except CycloptsError as error:
        import_module("cli.usage_words").tell(error, sys.argv[1:])
        sys.exit(Exit.USAGE)
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
    except CliError as error:
        # The words are found now only: asking for help takes none of what it takes to find them.
        import_module("cli.error_words").tell(error, sys.argv[1:])
        sys.exit(error.exit_code)


def program() -> None:
    """`imac` as a process of its own, which ends as the command has ended.

    Threads of Temporal's SDK outlive what was asked of it; one that comes back to an interpreter that is being taken
    apart aborts the process, whatever the command has done (seen: PyGILState_Release, exit code 134).
    """
    try:
        main()
    except SystemExit as ended:
        if not isinstance(ended.code, int | None) or _SDK not in sys.modules:
            raise
        _leave(ended.code or 0)
    if _SDK in sys.modules:
        _leave(0)


def _leave(code: int) -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    program()
