"""Mappings by name, from a file, or as somebody typed them."""

import re
from pathlib import Path
from typing import Any

import yaml

from apps.ingestion.domain.mapping import BadMapping, FileMapping, parse_mapping, parse_pairs
from apps.shared.yaml_words import WordsLoader

_IS_YAML = re.compile(r"^\s*\{?\s*events\s*:", re.MULTILINE)
_NEXT_PAIR = re.compile(r"\s+(?=[A-Za-z][\w.]*=)")  # names of columns and words may have blanks in them
_MOST_NODES = 20_000
_DEEPEST = 40
_FOLDER = Path(__file__).resolve().parents[1] / "mappings"


def built_in() -> list[str]:
    """Return the names of the mappings that the product brings."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def mapping_of_file(name: str) -> FileMapping:
    """Return a mapping of the product by its name, or that of a file. Raises BadMapping and OSError."""
    text = text_of(name) if name in built_in() else Path(name).read_text(encoding="utf-8")
    return parse_mapping(_loaded(text))


def text_of(name: str) -> str:
    """Return a mapping of the product as it is written."""
    return (_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


def mapping_of_text(text: str) -> FileMapping:
    """Return the mapping that is typed as YAML, or as pairs such as `userId=customer`. Raises BadMapping."""
    try:
        if _IS_YAML.search(text):
            return parse_mapping(_loaded(text))
        return parse_pairs([pair for pair in _NEXT_PAIR.split(text.strip()) if pair])
    except yaml.YAMLError as error:
        raise BadMapping(f"This is no YAML: {error}") from None
    except ValueError as error:
        raise BadMapping(str(error)) from None


def _loaded(text: str) -> Any:
    """Return what a YAML text says, unless a few lines of it say more than any mapping. Raises BadMapping."""
    loader = WordsLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        if _size(node, _DEEPEST) > _MOST_NODES:
            raise BadMapping("This is more than a mapping says, or repeats itself without an end.")
        return loader.construct_document(node)
    except RecursionError:
        raise BadMapping("This is nested too deeply.") from None
    finally:
        loader.dispose()


def _size(node: yaml.Node, levels: int) -> int:
    """Return how many values stand in *node*, with what anchors repeat; too many where it is too deep."""
    if not levels:
        return _MOST_NODES + 1
    size = 1
    for one in node.value if isinstance(node, yaml.CollectionNode) else ():
        for inner in one if isinstance(one, tuple) else (one,):
            size += _size(inner, levels - 1)
            if size > _MOST_NODES:
                return size
    return size
