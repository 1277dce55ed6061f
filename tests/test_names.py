"""One name, one thing: whoever reads a name knows which of all things it is, wherever its file goes."""

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
PRODUCT = [
    *(
        path
        for room in ROOT.iterdir()
        if (room / "__init__.py").exists() and room.name != "tests"
        for path in room.rglob("*.py")
    ),
    *ROOT.glob("*.py"),
]


def test_no_two_classes_of_the_product_bear_one_name() -> None:
    homes = homes_of(classes)

    twice = {name: where for name, where in homes.items() if len(where) > 1}

    assert len(homes) > 500
    assert twice == {}


def test_no_alias_bears_the_name_of_a_class() -> None:
    homes = homes_of(classes)

    misleading = {name: (*where, *homes[name]) for name, where in homes_of(aliases).items() if name in homes}

    assert misleading == {}


def homes_of(names: Callable[[ast.Module], Iterable[str]]) -> Mapping[str, Sequence[str]]:
    homes = defaultdict(list)
    for path in PRODUCT:
        for name in names(ast.parse(path.read_text())):
            homes[name].append(path.relative_to(ROOT).as_posix())
    return dict(homes)


def classes(module: ast.Module) -> Iterator[str]:
    return (node.name for node in ast.walk(module) if isinstance(node, ast.ClassDef))


def aliases(module: ast.Module) -> Iterator[str]:
    """Of types: `Name = ...` at the top of a module. Constants are written in capitals only."""
    for node in module.body:
        if isinstance(node, ast.Assign):
            yield from (name.id for name in node.targets if isinstance(name, ast.Name) and not name.id.isupper())
