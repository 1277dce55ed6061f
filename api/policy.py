"""Who may do what: the one place. What is not named here is denied; an administrator may do everything named."""

from collections.abc import Container
from enum import StrEnum

from domain.cases.incident_commands import IncidentCommand
from domain.cases.move_commands import ProjectCommand, WaveCommand
from domain.cases.order_commands import Command
from domain.keys import CUSTOMERS_OWN, Key
from domain.people import Role
from domain.refusals import NotAllowed, Problem


class Operation(StrEnum):
    """What routes do. What a case is told is allowed command by command."""

    PLACE_ORDERS = "place_orders"
    READ_ORDERS = "read_orders"
    READ_CHARGES = "read_charges"
    READ_NOTICES = "read_notices"
    COMMAND_ORDERS = "command_orders"
    REPORT_INCIDENTS = "report_incidents"
    READ_INCIDENTS = "read_incidents"
    COMMAND_INCIDENTS = "command_incidents"
    READ_ASSETS = "read_assets"
    IMPORT_ASSETS = "import_assets"
    READ_PROJECTS = "read_projects"
    WRITE_PROJECTS = "write_projects"
    ACCEPT_CONFLICTS = "accept_conflicts"
    PLAN_PROJECTS = "plan_projects"
    APPROVE_PLANS = "approve_plans"
    LAUNCH_PROJECTS = "launch_projects"
    COMMAND_PROJECTS = "command_projects"
    READ_CONTRACTS = "read_contracts"
    WRITE_CONTRACTS = "write_contracts"
    READ_CHAINS = "read_chains"
    READ_MATRIX = "read_matrix"
    ASK_WHAT_IF = "ask_what_if"
    PREVIEW_MIGRATIONS = "preview_migrations"
    SIMULATE_INVOICES = "simulate_invoices"
    READ_COSTS = "read_costs"
    READ_CUSTOMERS = "read_customers"
    WRITE_CUSTOMERS = "write_customers"
    READ_SITES = "read_sites"
    WRITE_SITES = "write_sites"
    READ_PEOPLE = "read_people"
    WRITE_PEOPLE = "write_people"
    READ_ROTAS = "read_rotas"
    WRITE_ROTAS = "write_rotas"
    CHANGE_SHIFTS = "change_shifts"
    READ_VENDORS = "read_vendors"
    WRITE_VENDORS = "write_vendors"
    READ_PAGES = "read_pages"
    ANSWER_PAGES = "answer_pages"
    READ_CHANNELS = "read_channels"
    MANAGE_CHANNELS = "manage_channels"
    SEND_ALERTS = "send_alerts"
    READ_ALERTS = "read_alerts"
    WRITE_ALERT_RULES = "write_alert_rules"
    PLAN_MAINTENANCE = "plan_maintenance"
    MANAGE_KEYS = "manage_keys"
    READ_DOOR = "read_door"
    CHECK_CASES = "check_cases"
    FOLLOW_EVENTS = "follow_events"
    READ_AWAITED = "read_awaited"
    SIGN_IN = "sign_in"
    SEARCH = "search"


# Two persons have to agree, or one whom the contract names: a key behind which nobody stands is no pair of eyes.
PERSONAL = frozenset(
    {"approve", "reject", "skip", "confirm_custody", "go", "refuse_go", "waive", Operation.APPROVE_PLANS}
)

_STEERING = frozenset({Role.SERVICE_DESK, Role.COORDINATOR, Role.SDM})
# Who leads the work on incidents: the ladder calls team leads, so they can act.
_LEADING = _STEERING | {Role.TEAM_LEAD}
# Whoever answers to the customer for what was promised.
_PROMISING = frozenset({Role.COORDINATOR, Role.SDM})
_SITE_WORK = _STEERING | {Role.TECHNICIAN, Role.SYSTEM}
# A vendor is told what concerns it and answers through links and those who speak with it; it sees no registers.
_EVERYBODY = frozenset(Role) - {Role.ASSIGNEE, Role.VENDOR}
# Technicians and other systems do without prices.
_COMMERCIAL = CUSTOMERS_OWN | _STEERING | {Role.BRM, Role.AUDITOR}
# Whoever may be paged.
_CALLED = _STEERING | {Role.TECHNICIAN, Role.BRM, Role.TEAM_LEAD, Role.MANAGEMENT}

ALLOWED: dict[str, frozenset[Role]] = {
    Operation.PLACE_ORDERS: _STEERING | {Role.REQUESTER, Role.SYSTEM},
    Operation.READ_ORDERS: _EVERYBODY,
    Operation.READ_CHARGES: _COMMERCIAL,
    Operation.READ_NOTICES: _STEERING | {Role.BRM, Role.AUDITOR},
    Operation.COMMAND_ORDERS: _EVERYBODY - {Role.AUDITOR},
    # Whoever has trouble may say so, named in the contract or not.
    Operation.REPORT_INCIDENTS: CUSTOMERS_OWN | _LEADING | {Role.TECHNICIAN, Role.SYSTEM},
    Operation.READ_INCIDENTS: _EVERYBODY,
    Operation.COMMAND_INCIDENTS: _EVERYBODY - {Role.AUDITOR},
    Operation.READ_ASSETS: _EVERYBODY,
    Operation.IMPORT_ASSETS: _STEERING | {Role.SYSTEM},
    # Whole lists of who sits where are for those who plan the move, and for whoever has to approve it.
    Operation.READ_PROJECTS: _COMMERCIAL | {Role.TECHNICIAN, Role.SYSTEM},
    Operation.WRITE_PROJECTS: _STEERING | {Role.SYSTEM},
    # A machine may bring lists, but what speaks against them is weighed by people.
    Operation.ACCEPT_CONFLICTS: _STEERING,
    Operation.PLAN_PROJECTS: _STEERING | {Role.SYSTEM},
    # Whom the contract names, the plan looks at itself.
    Operation.APPROVE_PLANS: _STEERING | {Role.APPROVER, Role.BRM},
    Operation.LAUNCH_PROJECTS: _PROMISING,
    Operation.COMMAND_PROJECTS: _STEERING | {Role.APPROVER, Role.BRM},
    Operation.READ_CONTRACTS: _COMMERCIAL,
    Operation.WRITE_CONTRACTS: frozenset({Role.SDM}),
    Operation.READ_CHAINS: _EVERYBODY,
    Operation.READ_MATRIX: _EVERYBODY,
    # Other versions of a contract are seen only by those who may see the contract.
    Operation.ASK_WHAT_IF: _COMMERCIAL,
    # Prices stand in what is sent, and none of ours are told.
    Operation.SIMULATE_INVOICES: _COMMERCIAL,
    # Of a contract, and under another one, only for those who may see both.
    Operation.READ_COSTS: _COMMERCIAL,
    Operation.PREVIEW_MIGRATIONS: _STEERING | {Role.BRM, Role.AUDITOR},
    Operation.READ_CUSTOMERS: _EVERYBODY,
    Operation.WRITE_CUSTOMERS: frozenset({Role.SDM, Role.BRM}),
    Operation.READ_SITES: _EVERYBODY,
    Operation.WRITE_SITES: _STEERING,
    Operation.READ_PEOPLE: _EVERYBODY,
    Operation.WRITE_PEOPLE: _STEERING,
    # Who is on call when is the provider's own affair, also where a rota serves a single customer.
    Operation.READ_ROTAS: _EVERYBODY - CUSTOMERS_OWN,
    Operation.WRITE_ROTAS: frozenset({Role.COORDINATOR, Role.SDM}),
    Operation.CHANGE_SHIFTS: _STEERING,
    # What vendors have promised the provider is no customer's affair, also where a vendor serves a single one.
    Operation.READ_VENDORS: _EVERYBODY - CUSTOMERS_OWN,
    Operation.WRITE_VENDORS: frozenset({Role.COORDINATOR, Role.SDM}),
    Operation.READ_PAGES: _CALLED | {Role.AUDITOR, Role.SYSTEM},
    # Whoever of the provider's people sees that nobody has it may take it over, called or not.
    Operation.ANSWER_PAGES: _CALLED,
    Operation.READ_CHANNELS: frozenset({Role.SDM}),
    Operation.MANAGE_CHANNELS: frozenset(),
    Operation.SEND_ALERTS: frozenset({Role.SYSTEM, Role.SERVICE_DESK}),
    # What monitoring sees, customers' own people learn from the incidents that come of it.
    Operation.READ_ALERTS: _EVERYBODY - CUSTOMERS_OWN,
    Operation.WRITE_ALERT_RULES: frozenset({Role.COORDINATOR, Role.SDM}),
    Operation.PLAN_MAINTENANCE: _STEERING | {Role.SYSTEM},
    Operation.MANAGE_KEYS: frozenset(),
    Operation.READ_DOOR: frozenset({Role.AUDITOR}),
    Operation.CHECK_CASES: _STEERING | {Role.AUDITOR, Role.SYSTEM},
    Operation.FOLLOW_EVENTS: _EVERYBODY,
    # Of each kind of case or thing only to whoever may read that.
    Operation.READ_AWAITED: _EVERYBODY,
    # Pages are for people.
    Operation.SIGN_IN: _EVERYBODY - {Role.SYSTEM},
    Operation.SEARCH: _EVERYBODY,
}
# Commands of an order, under their own names.
ORDER_COMMANDS: dict[str, frozenset[Role]] = {
    # Whom a step asks for approval is the contract's affair: the order itself looks at the person.
    "approve": _STEERING | {Role.APPROVER, Role.BRM, Role.REQUESTER},
    "reject": _STEERING | {Role.APPROVER, Role.BRM, Role.REQUESTER},
    "book": _SITE_WORK,
    "reschedule": _SITE_WORK,
    "start": _SITE_WORK,
    "log_work": _SITE_WORK,
    "complete": _SITE_WORK,
    "record_erasure": _SITE_WORK,
    "add_erasure_report": _SITE_WORK,
    "confirm_custody": _SITE_WORK,
    "declare_waste": _SITE_WORK,
    "dispatch": _STEERING,
    # Whoever the vendor calls, or meets on site.
    "report_vendor": _SITE_WORK,
    "add_recycler_list": _SITE_WORK,
    "doubt_certificate": _SITE_WORK,
    "settle_certificate": _PROMISING,
    "add_evidence": _SITE_WORK,
    "add_paper": _SITE_WORK,
    "verify": _SITE_WORK,
    # The customer's own IT gives back what it has.
    "hand_over": _STEERING | {Role.TECHNICIAN},
    "accept": CUSTOMERS_OWN | _STEERING,
    "decline_acceptance": CUSTOMERS_OWN | _STEERING,
    "hold": _STEERING | {Role.SYSTEM},
    "resume": _STEERING | {Role.SYSTEM},
    "cancel": _STEERING | {Role.REQUESTER, Role.APPROVER},
    "retry": _STEERING | {Role.SYSTEM},
    "migrate": _PROMISING,
    "skip": frozenset({Role.COORDINATOR, Role.SDM}),
}
# And of an incident. A machine adds what it knows; promises are kept, held and ended by people.
INCIDENT_COMMANDS: dict[str, frozenset[Role]] = {
    "classify": _LEADING | {Role.SYSTEM},
    "change_priority": _LEADING,
    "respond": _LEADING | {Role.TECHNICIAN},
    "inform": _LEADING | {Role.TECHNICIAN},
    "diagnose": _LEADING | {Role.TECHNICIAN, Role.SYSTEM},
    "hand_over": _LEADING | {Role.TECHNICIAN},
    "send_technician": _LEADING,
    "dispatch": _LEADING | {Role.TECHNICIAN},
    "report_vendor": _LEADING | {Role.TECHNICIAN, Role.SYSTEM},
    "promise": _LEADING,
    "link": _LEADING | {Role.TECHNICIAN, Role.SYSTEM},
    "log_work": _LEADING | {Role.TECHNICIAN, Role.SYSTEM},
    "hold": _LEADING | {Role.TECHNICIAN},
    "resume": _LEADING | {Role.TECHNICIAN, Role.SYSTEM},
    "migrate": _PROMISING,
    # What a customer says on the phone is put down by whoever hears it.
    "answer": CUSTOMERS_OWN | _LEADING | {Role.TECHNICIAN},
    "merge": _LEADING | {Role.TECHNICIAN},
    "waive": _PROMISING | {Role.TEAM_LEAD, Role.BRM},
    "resolve": _LEADING | {Role.TECHNICIAN},
    "confirm": CUSTOMERS_OWN | _LEADING,
    "reopen": CUSTOMERS_OWN | _LEADING,
    "cancel": CUSTOMERS_OWN | _LEADING,
}
# And of a launched project and its waves. Whose go it is, the gate says.
PROJECT_COMMANDS: dict[str, frozenset[Role]] = {
    "go": _STEERING | {Role.APPROVER, Role.BRM},
    "refuse_go": _STEERING | {Role.APPROVER, Role.BRM},
    "hold": _STEERING,
    "resume": _STEERING,
    "adopt": _PROMISING,
    "call_off": _PROMISING,
    "close": _PROMISING,
    "retry_rows": _STEERING,
    "withdraw_rows": _STEERING,
    "assign_rows": _STEERING,
}


def allows(caller: Key, operation: Operation) -> bool:
    return caller.role in ALLOWED[operation] | {Role.ADMIN}


# With hardly any space left nothing new is taken in. What runs already goes on to its end, and asking costs nothing.
GOES_ON = frozenset(
    {
        Operation.COMMAND_ORDERS,
        Operation.COMMAND_INCIDENTS,
        Operation.COMMAND_PROJECTS,
        Operation.ANSWER_PAGES,
        Operation.ASK_WHAT_IF,
        Operation.PREVIEW_MIGRATIONS,
        Operation.SIMULATE_INVOICES,
        Operation.READ_COSTS,
    }
)


def check(caller: Key, operation: Operation) -> None:
    """Raises `NotAllowed`."""
    _check(caller, operation, ALLOWED.get(operation))


def may(caller: Key, operation: Operation) -> bool:
    """For answers that show less to some."""
    return caller.role in ALLOWED.get(operation, frozenset()) | {Role.ADMIN}


def may_approve(role: Role) -> bool:
    """Whether some approval of an order, a plan or a gate can be given in this role."""
    return role in ORDER_COMMANDS["approve"] | ALLOWED[Operation.APPROVE_PLANS] | PROJECT_COMMANDS["go"]


def check_order_command(caller: Key, command: Command, requester: str) -> None:
    """A requester steers the orders they asked for, and no others."""
    check_order_telling(caller, command.type, requester)


def check_order_telling(caller: Key, name: str, requester: str) -> None:
    """The same for a command that nothing is known of but its name."""
    _check(caller, name, ORDER_COMMANDS.get(name))
    if caller.role == Role.REQUESTER and caller.person != requester:
        raise NotAllowed(Problem(code="not_your_order"))


def check_incident_command(caller: Key, command: IncidentCommand, contacts: Container[str | None]) -> None:
    """A customer's own people steer the incidents they have reported, and no others. `contacts` speak for those."""
    check_incident_telling(caller, command.type, contacts)


def check_incident_telling(caller: Key, name: str, contacts: Container[str | None]) -> None:
    """The same for a command that nothing is known of but its name."""
    _check(caller, name, INCIDENT_COMMANDS.get(name))
    if caller.role in CUSTOMERS_OWN and caller.person not in contacts:
        raise NotAllowed(Problem(code="not_your_incident"))


def check_project_command(caller: Key, command: ProjectCommand | WaveCommand) -> None:
    check_project_telling(caller, command.type)


def check_project_telling(caller: Key, name: str) -> None:
    """The same for a command that nothing is known of but its name."""
    _check(caller, name, PROJECT_COMMANDS.get(name))


def _check(caller: Key, operation: str, allowed: frozenset[Role] | None) -> None:
    if caller.role not in (allowed or frozenset()) | {Role.ADMIN}:
        raise NotAllowed(Problem(code="not_permitted", values={"role": caller.role, "operation": operation}))
    if operation in PERSONAL and not caller.is_somebodys:
        raise NotAllowed(Problem(code="personal_key_needed"))
