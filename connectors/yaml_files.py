"""YAML as plain data: every scalar stays the text that was written, and what would grow when unfolded is refused."""

from collections.abc import Hashable, Iterator

import yaml
from pydantic import JsonValue, TypeAdapter, ValidationError
from yaml._yaml import Mark as CMark

from domain.refusals import Problem, Unacceptable

MAX_BYTES = 500_000
MAX_NODES = 50_000
MAX_DEPTH = 40
_NULL, _MERGE = "tag:yaml.org,2002:null", "tag:yaml.org,2002:merge"
_PLAIN: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


class _Loader(yaml.CSafeLoader):
    """YAML 1.1 reads 17:00 as 1020, no as false and 0815 as 525; the types of the domain know better what they take."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag in (_NULL, _MERGE)]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        seen = set()
        for key, _ in node.value:
            if key.tag == _MERGE or not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"{key.value} stands here twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_yaml(content: bytes) -> JsonValue:
    """Raises `Unacceptable` naming line and column of the first thing that cannot be read."""
    if len(content) > MAX_BYTES:
        raise _refused("file_too_large", limit=str(MAX_BYTES))
    try:
        _check_size(yaml.parse(content, Loader=yaml.CSafeLoader))
        # safe: the loader is a CSafeLoader
        data = yaml.load(content, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise _broken(error.problem or "", error.problem_mark or error.context_mark) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _refused("yaml_broken", message=str(error).partition("\n")[0]) from error
    try:
        return _PLAIN.validate_python(data)
    except ValidationError as error:
        raise _refused("yaml_broken", message="keys must be names") from error


def _refused(code: str, **values: str) -> Unacceptable:
    return Unacceptable(Problem(code=code, values=values))


def _broken(message: str, mark: yaml.Mark | CMark | None) -> Unacceptable:
    where = {"line": str(mark.line + 1), "column": str(mark.column + 1)} if mark else {}
    return _refused("yaml_broken", message=message, **where)


def _check_size(events: Iterator[yaml.Event]) -> None:
    """An alias counts as much as what it stands for: nine lines can stand for a billion values."""
    open_sizes = [1]
    open_anchors = [""]
    sizes: dict[str, int] = {}
    for event in events:
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag is not None:
            raise _broken(f"the tag {event.tag} is not read", event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            anchor = event.anchor or ""
            if anchor in open_anchors:
                raise _refused("yaml_recursive", anchor=anchor)
            open_sizes[-1] += sizes.get(anchor, 1)
        elif isinstance(event, yaml.CollectionStartEvent):
            open_sizes.append(1)
            open_anchors.append(event.anchor or "")
        elif isinstance(event, yaml.CollectionEndEvent):
            size = open_sizes.pop()
            sizes[open_anchors.pop()] = size
            open_sizes[-1] += size
        elif isinstance(event, yaml.ScalarEvent):
            open_sizes[-1] += 1
            sizes[event.anchor or ""] = 1
        if open_sizes[-1] > MAX_NODES or len(open_sizes) > MAX_DEPTH:
            raise _refused("yaml_unfolds_too_large", limit=str(MAX_NODES))
