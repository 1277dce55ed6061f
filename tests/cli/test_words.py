"""Whatever a sheet says stands in the wordings, in both languages alike; what is typed wrongly is told in either."""

import ast
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from string import Formatter

import pytest
from cyclopts import CycloptsError
from rich.console import Console

from cli import words
from cli.main import COMMANDS as COMMANDS_TYPED
from cli.main import app
from cli.usage_words import worded
from documents.terminal import TerminalWording, terminal_wording
from documents.wording import LANGUAGES
from domain.cases.faults import FaultKind
from domain.incidents.clocks import clocks_of_cells
from domain.people import Language

# The name of an argument, or a parameter with what it takes, and what is said of it.
HELP_ROW = re.compile(r"│ [ *] +(?P<name>[A-Z][A-Z_-]+|--?[\w-]+(?: [A-Z]+(?:\.\.\.)?)?) *(?P<said>.*?) *│$")
COMMANDS = Path(words.__file__).parent
# Help is English and stands beside what it helps with; what a demonstration's people say is said by people.
HELP = {"App", "Parameter", "Annotated"}
PEOPLE = {"alerts.py", "case.py", "crew.py", "incidents.py", "plot.py"}
# Names of things that have one name everywhere, and what a person can type.
NO_SENTENCE = re.compile(
    r"Temporal UI|imac |bold |not bold|nwipe |shredder|sample read back|Bearer |\{task\.description\}"
)
SENTENCE = re.compile(r"[A-Za-zÄÖÜäöüß]{2,},? [A-Za-zÄÖÜäöüß]{2,}|[A-Za-z]{3,}[.?!]$")


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(COMMANDS.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def texts(said: TerminalWording) -> dict[str, str]:
    parts = {"headings": said.headings, "phrases": said.phrases, "demo": said.demo, "usage": said.usage}
    flat = {f"{part}/{name}": text for part, known in parts.items() for name, text in known.items()}
    return flat | {f"refusals/{code}": f"{told.why}\n{told.hint}" for code, told in said.refusals.items()}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def strings(node: ast.AST) -> Iterator[ast.Constant]:
    yield from (one for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str))


def named(tree: ast.Module, function: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function:
            yield node


def test_both_languages_say_the_same_things_with_the_same_values() -> None:
    german, english = (texts(terminal_wording(language)) for language in ("de", "en"))

    assert {name: placeholders(text) for name, text in german.items()} == {
        name: placeholders(text) for name, text in english.items()
    }


def test_no_sheet_prints_a_sentence_of_its_own() -> None:
    found = []
    for path, tree in sources():
        if (path.parent.name == "demo" and path.name in PEOPLE) or path.name == "main.py":
            continue
        unread = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        unread |= {id(one) for name in HELP for call in named(tree, name) for one in strings(call)}
        unread |= {id(one) for node in ast.walk(tree) if isinstance(node, ast.Subscript) for one in strings(node)}
        unread |= {id(one) for node in ast.walk(tree) if is_help(node) or is_log(node) for one in strings(node)}
        found += [
            f"{path.name}:{one.lineno} {one.value!s}"
            for one in strings(tree)
            if id(one) not in unread and SENTENCE.search(str(one.value)) and not NO_SENTENCE.search(str(one.value))
        ]

    assert found == []


def is_help(node: ast.AST) -> bool:
    return isinstance(node, ast.keyword) and node.arg == "help"


def is_log(node: ast.AST) -> bool:
    """Logs are English, like those of the servers beside us."""
    return isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log.")


def test_every_heading_that_is_named_has_its_words() -> None:
    """A column that is only looked up while a sheet is drawn is found here all the same."""
    known = terminal_wording("en").headings
    asked = set()
    for _, tree in sources():
        asked |= {str(arg.value) for call in named(tree, "heading") for arg in strings_in(call.args[:1])}
        columns = [arg for call in named(tree, "table") for arg in strings_in(call.args[1:])]
        titles = [key.value for call in named(tree, "table") for key in call.keywords if key.arg == "title"]
        asked |= {str(one.value).lstrip(">") for one in (*columns, *strings_in(titles))}

    assert {name for name in asked if name and not name.startswith("--")} - known.keys() == set()


def strings_in(nodes: list[ast.expr]) -> list[ast.Constant]:
    """Constants, also those between which a condition decides; not the keys by which a value is looked up."""
    found = []
    for node in nodes:
        parts = (node.body, node.orelse) if isinstance(node, ast.IfExp) else (node,)
        found += [part for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return found


def test_no_words_are_there_for_nothing() -> None:
    used = {str(one.value).lstrip(">") for _, tree in sources() for one in strings(tree)}
    from_models = {"data_bearing", "erased_by", "reserved_for", "part_of", *(clock.name for clock in clocks_of_cells())}
    from_models |= {f"fault_{kind}" for kind in FaultKind}
    said = terminal_wording("en")

    for known in (said.headings, said.phrases, said.demo, said.usage):
        assert known.keys() - used - from_models == set()


@pytest.mark.parametrize("function", ["phrase", "said"])
def test_sentences_are_given_just_the_values_they_name(function: str) -> None:
    said = terminal_wording("en")
    known = said.phrases if function == "phrase" else said.demo
    wrong = []
    for path, tree in sources():
        for call in named(tree, function):
            name, given = call.args[0], {keyword.arg for keyword in call.keywords}
            if isinstance(name, ast.Constant) and None not in given and given != placeholders(known[str(name.value)]):
                wrong.append(f"{path.name}:{call.lineno} {name.value!s}")

    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("typed", "german", "english"),
    [
        pytest.param("oder list", "Den Befehl „oder“ gibt es nicht.", "Unknown command “oder”.", id="no such command"),
        pytest.param("order lst", "Meinten Sie list?", "Did you mean list?", id="nearly a command"),
        pytest.param(
            "order list --stat x", "Die Option --stat gibt es nicht.", "Unknown option: --stat.", id="no such option"
        ),
        pytest.param("order list --stat x", "Meinten Sie --state?", "Did you mean --state?", id="nearly an option"),
        pytest.param("order show", "Es fehlt: NO.", "Missing: NO.", id="an argument is missing"),
        pytest.param("oncall override p-lang", "Es fehlt: --layer.", "Missing: --layer.", id="an option is missing"),
        pytest.param("order book O-1 --to", "--to braucht einen Wert.", "--to needs a value.", id="without value"),
        pytest.param(
            "order list --state gone",
            "„gone“ passt nicht zu --state.",
            "“gone” is not valid for --state.",
            id="no word",
        ),
        pytest.param(
            "asset list --limit x", "erwartet wird: eine ganze Zahl.", "expected: a whole number.", id="no number"
        ),
        pytest.param("asset list --limit 999", "Höchstens: 200.", "At most: 200.", id="too large"),
        pytest.param("order show O-1 O-2", "Das ist zu viel: O-2.", "Too many arguments: O-2.", id="too many"),
        pytest.param(
            "order list --lang de --lang de",
            "--lang ist mehrfach angegeben.",
            "--lang was given more than once.",
            id="twice",
        ),
        pytest.param("order show", "Hilfe: imac order show --help", "Help: imac order show --help", id="where help is"),
    ],
)
def test_what_is_typed_wrongly_is_told_in_either_language(
    typed: str, german: str, english: str, language: Language
) -> None:
    with pytest.raises(CycloptsError) as raised:
        app(typed.split(), exit_on_error=False, print_error=False)

    assert (german if language == "de" else english) in "\n".join(worded(raised.value, typed.split(), language))


def rows_of_help(command: str) -> Iterator[tuple[str, str]]:
    """Every argument and parameter, with what is said of it."""
    shown = StringIO()
    app.help_print(command.split(), console=Console(file=shown, width=200))
    for line in shown.getvalue().splitlines():
        row = HELP_ROW.match(line)
        if row:
            yield row["name"], row["said"]


def test_whatever_can_be_typed_is_explained() -> None:
    unexplained = [
        (command, name)
        for command in COMMANDS_TYPED
        for name, said in rows_of_help(command)
        if not said or said.startswith("[")
    ]

    assert unexplained == []
