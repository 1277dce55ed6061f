"""One name, one thing: whoever reads a name knows which of all things it is, wherever its file goes."""

import ast
from collections import defaultdict
from collections.abc import Iterator
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


def classes(path: Path) -> Iterator[str]:
    return (node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef))


def test_no_two_classes_of_the_product_bear_one_name() -> None:
    homes = defaultdict(list)
    for path in PRODUCT:
        for name in classes(path):
            homes[name].append(path.relative_to(ROOT).as_posix())

    twice = {name: where for name, where in homes.items() if len(where) > 1}

    assert len(homes) > 500
    assert twice == {}
