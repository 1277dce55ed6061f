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
app.command("cli.stack:up", name="up", help="Start Temporal, a worker and the API in one go.")
app.command("cli.demo:app", name="demo", help="Move the example office; or place one order of each kind.")
app.command("cli.programs:worker", name="worker", help="Run one worker in the foreground.")
app.command("cli.programs:api", name="api", help="Run one API server in the foreground.")
app.command("cli.programs:migrate", name="migrate", help="Bring the database to the newest schema.")

GROUPS = {
    "order": "Place orders, see how they stand, and bring them on.",
    "incident": "Report incidents, see how they stand, and look after them.",
    "asset": "Import assets, list them and see their life.",
    "project": "Bring in the list of a move, put it right, plan, approve and launch it, and steer it to its end.",
    "chain": "See what a contract promises, before anything starts.",
    "contract": "Import customers with their contracts, and list them.",
    "matrix": "Show and print a contract's communications matrix.",
    "sla": "Explain promises, ask what if, and preview new service hours.",
    "oncall": "See who is on call, let somebody stand in, swap shifts.",
    "vendor": "See who repairs what and what vendors have promised.",
    "page": "See who is called about what, and take it over.",
    "channel": "Set up how people are reached: mail, chats, SMS, webhooks.",
    "alert": "See what monitoring says and what came of it; send alerts, save rules.",
    "maintenance": "Plan windows in which alerts open nothing.",
    "key": "Make, list and revoke API keys.",
}
COMMANDS = {
    "order place": ("cli.orders:place", "Place an order and print its sheet."),
    "order list": ("cli.orders:list_orders", "List orders, newest first."),
    "order show": ("cli.orders:show", "Show how an order stands and what to type next."),
    "order timeline": ("cli.orders:timeline", "Show who did what to an order, and when."),
    "order watch": ("cli.orders:watch", "Follow an order until it ends."),
    "order approve": ("cli.order_commands:approve", "Approve what is asked for."),
    "order reject": ("cli.order_commands:reject", "Refuse what is asked for; the order ends."),
    "order book": ("cli.order_commands:book", "Agree on a time on site."),
    "order reschedule": ("cli.order_commands:reschedule", "Move the agreed time, before work begins."),
    "order start": ("cli.order_commands:start", "Begin work, or note that a vendor took the job."),
    "order complete": ("cli.order_commands:complete", "Say how work ended, with its time and parts."),
    "order log": ("cli.order_commands:log", "Log time and parts without ending the work."),
    "order erase": ("cli.order_commands:erase", "Record that one data carrier was erased."),
    "order custody": ("cli.order_commands:custody", "Confirm, as one side, what changed hands."),
    "order evidence": ("cli.order_commands:evidence", "Add a document that proves what was done."),
    "order verify": ("cli.order_commands:verify", "Confirm what stands at the target."),
    "order accept": ("cli.order_commands:accept", "Sign for the work."),
    "order decline": ("cli.order_commands:decline", "Send the work back instead of signing."),
    "order hold": ("cli.order_commands:hold", "Pause the order and its clocks."),
    "order resume": ("cli.order_commands:resume", "End a pause."),
    "order cancel": ("cli.order_commands:cancel", "Cancel the order; what was done is undone."),
    "order retry": ("cli.order_commands:retry", "Try a failed or stuck step again."),
    "order skip": ("cli.order_commands:skip", "Leave a step out; a second person confirms it."),
    "order migrate": ("cli.order_commands:migrate", "Count by another version's service hours."),
    "incident report": ("cli.incidents:report", "Report an incident and print its sheet."),
    "incident list": ("cli.incidents:list_incidents", "List incidents, newest first."),
    "incident show": ("cli.incidents:show", "Show how an incident stands and what to type next."),
    "incident timeline": ("cli.incidents:timeline", "Show who did what to an incident, and when."),
    "incident watch": ("cli.incidents:watch", "Follow an incident until it ends."),
    "incident classify": ("cli.incident_commands:classify", "Say what kind it is and how pressing."),
    "incident prioritise": ("cli.incident_commands:prioritise", "Change the priority."),
    "incident respond": ("cli.incident_commands:respond", "Take it up; the response time ends."),
    "incident inform": ("cli.incident_commands:inform", "Tell the reporter how it stands."),
    "incident diagnose": ("cli.incident_commands:diagnose", "Record a finding."),
    "incident hand-over": ("cli.incident_commands:hand_over", "Give it to another person, team or vendor."),
    "incident send": ("cli.incident_commands:send", "Send a technician."),
    "incident dispatch": ("cli.incident_commands:dispatch", "Ask the vendor who is responsible."),
    "incident vendor": ("cli.incident_commands:vendor", "Note what the vendor says or does."),
    "incident hold": ("cli.incident_commands:hold", "Pause the time to the solution."),
    "incident resume": ("cli.incident_commands:resume", "End a pause."),
    "incident promise": ("cli.incident_commands:promise", "Note a date agreed with the customer."),
    "incident link": ("cli.incident_commands:link", "Tie it to an order or a greater incident."),
    "incident order": ("cli.incident_commands:order", "Place an order for it."),
    "incident log": ("cli.incident_commands:log", "Log time and parts."),
    "incident resolve": ("cli.incident_commands:resolve", "Say that it is solved."),
    "incident confirm": ("cli.incident_commands:confirm", "Say, as the customer, that it works again."),
    "incident reopen": ("cli.incident_commands:reopen", "Say that it does not work after all."),
    "incident cancel": ("cli.incident_commands:cancel", "Withdraw it."),
    "incident migrate": ("cli.incident_commands:migrate", "Count by another version's service hours."),
    "incident replay-log": ("cli.replay_log:replay_log", "Run a ServiceNow log through the workflow."),
    "asset import": ("cli.assets:import_file", "Import a list of assets, CSV or XLSX."),
    "asset list": ("cli.assets:list_assets", "List assets by tag."),
    "asset show": ("cli.assets:show", "Show one asset and its life."),
    "project import": ("cli.projects:import_file", "Bring in the list of a move, or a newer one."),
    "project issues": ("cli.projects:issues", "List everything that is wrong or doubtful in it."),
    "project rows": ("cli.launches:rows", "List which rows are ready and, once launched, how they stand."),
    "project export": ("cli.projects:export", "Write the list as a workbook that says what to do."),
    "project accept": ("cli.projects:accept", "Accept a conflict, with a reason."),
    "project plan": ("cli.plans:plan", "Plan the rows that are ready: waves, technicians, times."),
    "project plans": ("cli.plans:plans", "List a project's plans, or show one."),
    "project reschedule": ("cli.plans:reschedule", "Plan one wave for another time, and show what moves."),
    "project rehearse": ("cli.rehearse:rehearse", "Run the newest plan many times in virtual time."),
    "project approve": ("cli.plans:approve", "Approve the newest plan, as somebody else than who made it."),
    "project launch": ("cli.launches:launch", "Launch the newest approved plan."),
    "project show": ("cli.launches:show", "Show how a launched project stands and what to type next."),
    "project watch": ("cli.launches:watch", "Follow a launched project until it ends."),
    "project exceptions": ("cli.launches:exceptions", "List the rows that need somebody, the most pressing first."),
    "project timeline": ("cli.launches:timeline", "Show who did what to a project and its waves, and when."),
    "project go": ("cli.project_commands:go", "Open the gate of a wave."),
    "project refuse": ("cli.project_commands:refuse", "Say that a wave may not begin yet."),
    "project hold": ("cli.project_commands:hold", "Pause the project or one wave; nothing more is begun."),
    "project resume": ("cli.project_commands:resume", "End a pause."),
    "project adopt": ("cli.project_commands:adopt", "Follow a newer approved plan; its changes are shown first."),
    "project cancel": ("cli.project_commands:cancel", "Call the project off; what becomes of each row is shown first."),
    "project retry": ("cli.project_commands:retry", "Try again what has failed or could not begin."),
    "project withdraw": ("cli.project_commands:withdraw", "Do not move these rows after all."),
    "project assign": ("cli.project_commands:assign", "Let somebody else look after exceptions."),
    "project close": ("cli.project_commands:close", "End it with the exceptions that are left."),
    "project report": ("cli.project_report:show_report", "Show what has come of a move, or write it to a file."),
    "project columns": ("cli.projects:columns", "Say what headings mean that cannot be guessed."),
    "chain show": ("cli.chains:show", "Show the service chain of one kind of order."),
    "contract import": ("cli.contracts:import_file", "Bring in a customer with sites, people and contracts."),
    "contract check": ("cli.contracts:check", "Say what would keep contracts from being saved."),
    "contract list": ("cli.contracts:list_contracts", "List the contracts in force."),
    "contract show": ("cli.contracts:show", "Show who may order what, in which time, at which price."),
    "matrix show": ("cli.matrix:show", "Show who is reached how, and what is promised."),
    "matrix print": ("cli.matrix:save", "Write the matrix as a PDF or a page, for the customer."),
    "sla explain": ("cli.sla:explain", "Show why a deadline is what it is."),
    "sla whatif": ("cli.sla:whatif", "Work promises out again under other rules."),
    "sla preview": ("cli.sla:preview", "Show what a contract's newest service hours would move."),
    "oncall who": ("cli.oncall:who", "Show who is on call, and how to reach them."),
    "oncall shifts": ("cli.oncall:shifts", "List shifts; past ones are shown as they were."),
    "oncall gaps": ("cli.oncall:gaps", "List where fewer than two people can be reached."),
    "oncall override": ("cli.oncall:override", "Let somebody stand in for whoever would be on call."),
    "oncall drop": ("cli.oncall:drop", "Call a stand-in off, or end it now."),
    "oncall swap": ("cli.oncall:swap", "Let two people exchange two shifts."),
    "oncall import": ("cli.oncall:import_file", "Save a rota."),
    "vendor list": ("cli.vendors:list_vendors", "List vendors with what they have promised."),
    "vendor show": ("cli.vendors:show", "Show one vendor: its people, contracts and certificates."),
    "vendor who": ("cli.vendors:who", "Show who is responsible for what is broken."),
    "vendor directory": ("cli.vendors:directory", "Show the rows by which it is found out."),
    "vendor import": ("cli.vendors:import_file", "Save vendors, their people and the directory."),
    "page list": ("cli.pages:list_pages", "List pages, newest first."),
    "page show": ("cli.pages:show", "Show who was called when, who has it, and what comes next."),
    "page acknowledge": ("cli.pages:acknowledge", "Take it over: nobody else is called."),
    "page decline": ("cli.pages:decline", "Decline, or give it back: the next one is called at once."),
    "channel list": ("cli.channels:list_channels", "List the channels."),
    "channel set": ("cli.channels:set_channel", "Save a channel, with its secrets."),
    "channel test": ("cli.channels:try_channel", "Send a test message."),
    "channel remove": ("cli.channels:remove", "Remove a channel nobody is reached by."),
    "alert list": ("cli.alerts:list_alerts", "List alerts, newest first."),
    "alert groups": ("cli.alerts:groups", "List groups of alerts with their incidents."),
    "alert rules": ("cli.alerts:rules", "List the rules that make incidents of alerts, or save some."),
    "alert send": ("cli.alerts:send", "Send an alert, or what Alertmanager has sent."),
    "maintenance list": ("cli.maintenance:list_windows", "List the windows that are not over."),
    "maintenance plan": ("cli.maintenance:plan", "Plan a window, or change it."),
    "maintenance end": ("cli.maintenance:end", "Call a window off, or end it now."),
    "key create": ("cli.keys:create", "Make a key; it is shown once."),
    "key list": ("cli.keys:list_keys", "List keys."),
    "key revoke": ("cli.keys:revoke", "Revoke a key at once."),
}
for group, about in GROUPS.items():
    app.command(App(name=group, help=about))
for words, (where, about) in COMMANDS.items():
    group, name = words.split()
    app[group].command(where, name=name, help=about)


def main() -> None:
    try:
        app(sys.argv[1:], exit_on_error=False)
    except CycloptsError:
        # Cyclopts has said what is wrong, but would exit with 1, which means refused here.
        sys.exit(Exit.USAGE)
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
    except CliError as error:
        # The words are found now only: asking for help takes none of what it takes to find them.
        import_module("cli.error_words").tell(error, sys.argv[1:])
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
