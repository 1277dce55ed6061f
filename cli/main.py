"""The `imac` command. Commands are named as strings, so that asking for help imports none of them."""

import sys
from importlib import import_module
from importlib.metadata import version

from cyclopts import App, CycloptsError

from cli.errors import CliError, Exit

app = App(
    name="imac",
    help="IT service work as durable workflows: orders and incidents, their clocks, assets and charges.",
    version=lambda: version("imacflow"),
    help_format="plaintext",
)
app.command("cli.stack.up:up", name="up", help="Start Temporal, a worker and the API in one go.")
app.command("cli.demo.app:app", name="demo", help="Move the example office; or place one order of each kind.")
app.command("cli.door:show", name="door", help="Show refused requests and changes of keys and channels.")
app.command("cli.stack.programs:worker", name="worker", help="Run one worker in the foreground.")
app.command("cli.stack.programs:api", name="api", help="Run one API server in the foreground.")
app.command("cli.stack.programs:migrate", name="migrate", help="Bring the database to the newest schema.")

GROUPS = {
    "order": "Place orders, check their status and move them forward.",
    "incident": "Report, track and work on incidents.",
    "asset": "Import assets, list them and show their history.",
    "project": "Import a move list, correct it, plan, approve and launch it, and run it to completion.",
    "chain": "Show what a contract promises before anything starts.",
    "contract": "Import customers with their contracts, and list them.",
    "matrix": "Show and print a contract's communications matrix.",
    "sla": "Explain promises, ask what if, and preview new service hours.",
    "oncall": "Show who is on call, add overrides, swap shifts.",
    "vendor": "See who repairs what and what vendors have promised.",
    "page": "Show pages and acknowledge them.",
    "channel": "Configure notification channels: mail, chat, SMS, webhooks.",
    "alert": "Show alerts and the incidents they opened; send alerts, save rules.",
    "maintenance": "Schedule maintenance windows during which alerts open no incidents.",
    "secrets": "Manage the key that encrypts channels.",
    "key": "Create, confirm, list and revoke API keys.",
}
COMMANDS = {
    "order place": ("cli.orders.order:place", "Place an order and print its sheet."),
    "order list": ("cli.orders.order:list_orders", "List orders, newest first."),
    "order show": ("cli.orders.order:show", "Show an order's status and the next command."),
    "order timeline": ("cli.orders.order:timeline", "Show who did what to an order, and when."),
    "order watch": ("cli.orders.order:watch", "Follow an order until it ends."),
    "order approve": ("cli.orders.commands:approve", "Approve what is asked for."),
    "order reject": ("cli.orders.commands:reject", "Refuse what is asked for; the order ends."),
    "order book": ("cli.orders.commands:book", "Book an on-site appointment."),
    "order reschedule": ("cli.orders.commands:reschedule", "Move the agreed time, before work begins."),
    "order start": ("cli.orders.commands:start", "Begin work, or note that a vendor took the job."),
    "order complete": ("cli.orders.commands:complete", "Say how work ended, with its time and parts."),
    "order log": ("cli.orders.commands:log", "Log time and parts without ending the work."),
    "order erase": ("cli.orders.commands:erase", "Record that one data carrier was erased."),
    "order custody": ("cli.orders.commands:custody", "Confirm, as one side, what changed hands."),
    "order evidence": ("cli.orders.commands:evidence", "Add a document that proves what was done."),
    "order verify": ("cli.orders.commands:verify", "Confirm what stands at the target."),
    "order accept": ("cli.orders.commands:accept", "Sign for the work."),
    "order decline": ("cli.orders.commands:decline", "Send the work back instead of signing."),
    "order hold": ("cli.orders.commands:hold", "Pause the order and its clocks."),
    "order resume": ("cli.orders.commands:resume", "End a pause."),
    "order cancel": ("cli.orders.commands:cancel", "Cancel the order; what was done is undone."),
    "order retry": ("cli.orders.commands:retry", "Try a failed or stuck step again."),
    "order skip": ("cli.orders.commands:skip", "Skip a step; a second person must confirm."),
    "order migrate": ("cli.orders.commands:migrate", "Switch to another contract version's service hours."),
    "incident report": ("cli.incidents.incident:report", "Report an incident and print its sheet."),
    "incident list": ("cli.incidents.incident:list_incidents", "List incidents, newest first."),
    "incident show": ("cli.incidents.incident:show", "Show how an incident stands and what to type next."),
    "incident timeline": ("cli.incidents.incident:timeline", "Show who did what to an incident, and when."),
    "incident watch": ("cli.incidents.incident:watch", "Follow an incident until it ends."),
    "incident classify": ("cli.incidents.commands:classify", "Set category and priority."),
    "incident prioritise": ("cli.incidents.commands:prioritise", "Change the priority."),
    "incident respond": ("cli.incidents.commands:respond", "Respond; stops the response clock."),
    "incident inform": ("cli.incidents.commands:inform", "Send the reporter an update."),
    "incident diagnose": ("cli.incidents.commands:diagnose", "Record a finding."),
    "incident hand-over": ("cli.incidents.commands:hand_over", "Assign it to another person, team or vendor."),
    "incident send": ("cli.incidents.commands:send", "Send a technician."),
    "incident dispatch": ("cli.incidents.commands:dispatch", "Ask the vendor who is responsible."),
    "incident vendor": ("cli.incidents.commands:vendor", "Record the vendor's status."),
    "incident hold": ("cli.incidents.commands:hold", "Pause the resolution clock."),
    "incident resume": ("cli.incidents.commands:resume", "End a pause."),
    "incident promise": ("cli.incidents.commands:promise", "Note a date agreed with the customer."),
    "incident link": ("cli.incidents.commands:link", "Link it to an order or a parent incident."),
    "incident order": ("cli.incidents.commands:order", "Place an order for it."),
    "incident log": ("cli.incidents.commands:log", "Log time and parts."),
    "incident resolve": ("cli.incidents.commands:resolve", "Resolve it."),
    "incident confirm": ("cli.incidents.commands:confirm", "Say, as the customer, that it works again."),
    "incident reopen": ("cli.incidents.commands:reopen", "Reopen it."),
    "incident cancel": ("cli.incidents.commands:cancel", "Cancel it."),
    "incident migrate": ("cli.incidents.commands:migrate", "Switch to another contract version's service hours."),
    "incident replay-log": ("cli.incidents.replay_log:replay_log", "Run a ServiceNow log through the workflow."),
    "asset import": ("cli.assets:import_file", "Import a list of assets, CSV or XLSX."),
    "asset list": ("cli.assets:list_assets", "List assets by tag."),
    "asset show": ("cli.assets:show", "Show an asset and its history."),
    "project import": ("cli.moves.project:import_file", "Import a move list, or a newer version of it."),
    "project issues": ("cli.moves.project:issues", "List all issues and conflicts."),
    "project rows": ("cli.moves.launched:rows", "List which rows are ready and, once launched, how they stand."),
    "project export": ("cli.moves.project:export", "Export the list as a workbook with the corrections needed."),
    "project accept": ("cli.moves.project:accept", "Accept a conflict, with a reason."),
    "project plan": ("cli.moves.plans:plan", "Plan the rows that are ready: waves, technicians, times."),
    "project plans": ("cli.moves.plans:plans", "List a project's plans, or show one."),
    "project reschedule": ("cli.moves.plans:reschedule", "Plan one wave for another time, and show what moves."),
    "project rehearse": ("cli.moves.rehearse:rehearse", "Run the newest plan many times in virtual time."),
    "project approve": ("cli.moves.plans:approve", "Approve the newest plan, as somebody else than who made it."),
    "project launch": ("cli.moves.launched:launch", "Launch the newest approved plan."),
    "project show": ("cli.moves.launched:show", "Show how a launched project stands and what to type next."),
    "project watch": ("cli.moves.launched:watch", "Follow a launched project until it ends."),
    "project exceptions": (
        "cli.moves.launched:exceptions",
        "List the rows that need somebody, the most pressing first.",
    ),
    "project timeline": ("cli.moves.launched:timeline", "Show who did what to a project and its waves, and when."),
    "project go": ("cli.moves.commands:go", "Open the gate of a wave."),
    "project refuse": ("cli.moves.commands:refuse", "Refuse the go-ahead for a wave."),
    "project hold": ("cli.moves.commands:hold", "Pause the project or one wave; nothing more is begun."),
    "project resume": ("cli.moves.commands:resume", "End a pause."),
    "project adopt": ("cli.moves.commands:adopt", "Follow a newer approved plan; its changes are shown first."),
    "project cancel": ("cli.moves.commands:cancel", "Cancel the project; shows the effect on each row first."),
    "project retry": ("cli.moves.commands:retry", "Try again what has failed or could not begin."),
    "project withdraw": ("cli.moves.commands:withdraw", "Withdraw rows from the move."),
    "project assign": ("cli.moves.commands:assign", "Reassign exceptions."),
    "project close": ("cli.moves.commands:close", "End it with the exceptions that are left."),
    "project report": ("cli.moves.report:show_report", "Show what has come of a move, or write it to a file."),
    "project columns": ("cli.moves.project:columns", "Map column headers that cannot be guessed."),
    "chain show": ("cli.contracts.chains:show", "Show the service chain of one kind of order."),
    "contract import": ("cli.contracts.contract:import_file", "Import a customer with sites, people and contracts."),
    "contract check": ("cli.contracts.contract:check", "Validate contracts without saving."),
    "contract list": ("cli.contracts.contract:list_contracts", "List the contracts in force."),
    "contract show": ("cli.contracts.contract:show", "Show what can be ordered, by when and at which price."),
    "matrix show": ("cli.contracts.matrix:show", "Show who is reached how, and what is promised."),
    "matrix print": ("cli.contracts.matrix:save", "Write the matrix as a PDF or a page, for the customer."),
    "sla explain": ("cli.clocks.sla:explain", "Show why a deadline is what it is."),
    "sla whatif": ("cli.clocks.sla:whatif", "Recalculate deadlines under other rules."),
    "sla preview": ("cli.clocks.sla:preview", "Show what a contract's newest service hours would move."),
    "oncall who": ("cli.oncall.rota:who", "Show who is on call, and how to reach them."),
    "oncall shifts": ("cli.oncall.rota:shifts", "List shifts; past ones are shown as they were."),
    "oncall gaps": ("cli.oncall.rota:gaps", "List where fewer than two people can be reached."),
    "oncall override": ("cli.oncall.rota:override", "Add an override."),
    "oncall drop": ("cli.oncall.rota:drop", "Remove or end an override."),
    "oncall swap": ("cli.oncall.rota:swap", "Swap two shifts."),
    "oncall import": ("cli.oncall.rota:import_file", "Save a rota."),
    "vendor list": ("cli.vendors:list_vendors", "List vendors with what they have promised."),
    "vendor show": ("cli.vendors:show", "Show one vendor: its people, contracts and certificates."),
    "vendor who": ("cli.vendors:who", "Show which vendor is responsible."),
    "vendor directory": ("cli.vendors:directory", "Show the vendor directory."),
    "vendor import": ("cli.vendors:import_file", "Save vendors, their people and the directory."),
    "page list": ("cli.oncall.page:list_pages", "List pages, newest first."),
    "page show": ("cli.oncall.page:show", "Show who was called when, who has it, and what comes next."),
    "page acknowledge": ("cli.oncall.page:acknowledge", "Acknowledge: stops the page."),
    "page decline": ("cli.oncall.page:decline", "Decline or hand back: the next person is paged at once."),
    "channel list": ("cli.channels:list_channels", "List the channels."),
    "channel set": ("cli.channels:set_channel", "Save a channel, with its secrets."),
    "channel test": ("cli.channels:try_channel", "Send a test message."),
    "channel remove": ("cli.channels:remove", "Remove an unused channel."),
    "alert list": ("cli.alerts.alert:list_alerts", "List alerts, newest first."),
    "alert groups": ("cli.alerts.alert:groups", "List groups of alerts with their incidents."),
    "alert rules": ("cli.alerts.alert:rules", "List or save alert rules."),
    "alert send": ("cli.alerts.alert:send", "Send an alert, or what Alertmanager has sent."),
    "maintenance list": ("cli.alerts.maintenance:list_windows", "List the windows that are not over."),
    "maintenance plan": ("cli.alerts.maintenance:plan", "Plan a window, or change it."),
    "maintenance end": ("cli.alerts.maintenance:end", "Call a window off, or end it now."),
    "secrets rotate": ("cli.secrets:rotate", "Re-encrypt channels under a new key."),
    "key create": ("cli.keys:create", "Create a key; it is shown once."),
    "key confirm": ("cli.keys:confirm", "Confirm a key proposed by another administrator."),
    "key list": ("cli.keys:list_keys", "List keys with maker, last use and end."),
    "key revoke": ("cli.keys:revoke", "Revoke a key at once."),
}
for group, about in GROUPS.items():
    app.command(App(name=group, help=about))
for words, (where, about) in COMMANDS.items():
    group, name = words.split()
    app[group].command(where, name=name, help=about)


def main() -> None:
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


if __name__ == "__main__":
    main()
