"""YAML as people write it by hand, without the words that it takes for something else; and written to be read so."""

import re
from typing import Any

import yaml


class WordsLoader(yaml.SafeLoader):
    """Takes words as words: NO is Norway, 0123 and 12:30 are texts, and a day is as it is written.

    Only true and false are no words, and only digits without a zero before them are whole numbers.
    """


WordsLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] not in ("timestamp", "bool", "int")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _tag, _pattern, _first in (
    ("bool", "(?:true|True|TRUE|false|False|FALSE)", "tTfF"),
    ("int", "[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
):
    _word = re.compile(rf"{_pattern}\Z")
    WordsLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", _word, list(_first))


_BREAKS = re.compile("[\x85\u2028\u2029\ufeff]")  # which a reader takes for the end of a line, or leaves out


class _Writer(yaml.SafeDumper):
    """Writes the same list twice where it stands twice, and in a text nothing that would be read as something else."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  the framework's signature
        """Name nothing for use elsewhere."""
        return True


def _text(writer: yaml.SafeDumper, said: str) -> yaml.ScalarNode:
    # In double quotes alone every sign that is not plain is escaped.
    return writer.represent_scalar("tag:yaml.org,2002:str", said, style='"' if _BREAKS.search(said) else None)


_Writer.add_representer(str, _text)


def written(values: Any) -> str:
    """Return values as YAML, in the order that they have; `WordsLoader` reads them the same."""
    return str(yaml.dump(values, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=120))
