"""Mappings by name, from a file, or as somebody typed them."""

import re
from pathlib import Path

import yaml

from apps.ingestion.domain.mapping import BadMapping, FileMapping, parse_mapping, parse_pairs

_IS_YAML = re.compile(r"^\s*\{?\s*events\s*:", re.MULTILINE)
_NEXT_PAIR = re.compile(r"\s+(?=[A-Za-z][\w.]*=)")  # names of columns and words may have blanks in them
_FOLDER = Path(__file__).resolve().parents[1] / "mappings"


def built_in() -> list[str]:
    """Return the names of the mappings that the product brings."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def mapping_of_file(name: str) -> FileMapping:
    """Return a mapping of the product by its name, or that of a file. Raises BadMapping and OSError."""
    text = text_of(name) if name in built_in() else Path(name).read_text(encoding="utf-8")
    return parse_mapping(yaml.safe_load(text))


def text_of(name: str) -> str:
    """Return a mapping of the product as it is written."""
    return (_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


def mapping_of_text(text: str) -> FileMapping:
    """Return the mapping that is typed as YAML, or as pairs such as `userId=customer`. Raises BadMapping."""
    try:
        if _IS_YAML.search(text):
            return parse_mapping(yaml.safe_load(text))
        return parse_pairs([pair for pair in _NEXT_PAIR.split(text.strip()) if pair])
    except yaml.YAMLError as error:
        raise BadMapping(f"This is no YAML: {error}") from None
    except ValueError as error:
        raise BadMapping(str(error)) from None
