"""A YAML text as values that are known to fit a schema; everything that is wrong is named with its line."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from apps.shared.yaml_words import WordsLoader

_MOST_NODES = 200_000  # anchors can say more in a few lines than fits into memory
_SHOWN_PROBLEMS = 20
_LONGEST_SHOWN = 80
_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}
_NO_TEXT = re.compile("[\0\ud800-\udfff]")  # what YAML can say, and no store takes
Place = tuple[str | int, ...]


class BadDocument(ValueError):
    """The text does not fit; its message has a line for each thing that is wrong."""


class Document(NamedTuple):
    """The values of a file, and the line of each place in it."""

    values: dict[str, Any]
    lines: dict[Place, int]

    def line(self, place: Place) -> int:
        """Return the line of a place, or of what holds it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


class _Loader(WordsLoader):
    """Reads numbers digit by digit."""


_Loader.add_constructor("tag:yaml.org,2002:float", lambda _, node: Decimal(str(node.value).replace("_", "")))


def read_document(text: str, file: str, schema: Path) -> Document:
    """Return the values of *text*, which *file* names in errors. Raises BadDocument."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            raise BadDocument(f"{file}: the file is empty.")
        lines = dict(_lines(node, (), file, [0]))
        values = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise BadDocument(f"{file}:{mark.line + 1 if mark else 1}: {error.problem}") from error
    except (yaml.YAMLError, ArithmeticError, ValueError, RecursionError) as error:
        if isinstance(error, BadDocument):
            raise
        raise BadDocument(f"{file}: this is not YAML that can be read: {error}") from error
    document = Document(values, lines)
    _check(document, file, schema)
    return document


def _lines(node: yaml.Node, place: Place, file: str, seen: list[int]) -> Iterator[tuple[Place, int]]:
    """Yield the line of every place; a key that comes twice in one mapping is an error."""
    seen[0] += 1
    if seen[0] > _MOST_NODES:
        raise BadDocument(f"{file}: more than {_MOST_NODES} values, counting what anchors repeat.")
    if isinstance(node, yaml.ScalarNode) and _NO_TEXT.search(node.value):
        raise BadDocument(f"{file}:{node.start_mark.line + 1}: a text holds NUL, or half of a character.")
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _lines(item, (*place, number), file, seen)
    elif isinstance(node, yaml.MappingNode):
        keys: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if _NO_TEXT.search(name):
                raise BadDocument(f"{file}:{key.start_mark.line + 1}: a key holds NUL, or half of a character.")
            if name in keys and name != "<<":
                raise BadDocument(f"{file}:{key.start_mark.line + 1}: {name!r} comes twice.")
            keys.add(name)
            yield from _lines(value, (*place, name), file, seen)


def _check(document: Document, file: str, schema: Path) -> None:
    errors = sorted(_validator(schema).iter_errors(_with_text_keys(document.values)), key=_position(document))
    if errors:
        told = [f"{file}:{document.line(tuple(error.absolute_path))}: {_words(error)}" for error in errors]
        more = len(told) - _SHOWN_PROBLEMS
        raise BadDocument("\n".join(told[:_SHOWN_PROBLEMS] + ([f"… and {more} more."] if more > 0 else [])))


def _position(document: Document) -> Any:
    return lambda error: (document.line(tuple(error.absolute_path)), error.message)


def _words(error: ValidationError) -> str:
    place = ".".join(str(part) for part in error.absolute_path) or "the file"
    if error.validator == "pattern":
        return f"{place}: {_shown(error.instance)} cannot be read. {error.schema.get('description', '')}".strip()
    if error.validator == "type":
        types = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
        wanted = " or ".join(_TYPES.get(str(one), str(one)) for one in types)
        return f"{place}: {_shown(error.instance)} stands where {wanted} belongs."
    return f"{place}: {error.message.replace(repr(error.instance), _shown(error.instance), 1)}"


def _shown(value: Any) -> str:
    """Return a value as a sentence can hold it: what has parts is named, not written out."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    said = "nothing" if value is None else str(value) if isinstance(value, Decimal) else repr(value)
    return said if len(said) <= _LONGEST_SHOWN else f"{said[:_LONGEST_SHOWN]}…"


def _with_text_keys(value: Any) -> Any:
    """Return the values with every key as text, as JSON has it: ids may be written as numbers."""
    if isinstance(value, dict):
        return {str(key): _with_text_keys(one) for key, one in value.items()}
    return [_with_text_keys(one) for one in value] if isinstance(value, list) else value


@cache
def _validator(path: Path) -> Draft202012Validator:
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)
