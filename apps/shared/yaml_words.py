"""YAML as people write it by hand, without the words that it takes for something else."""

import re

import yaml


class WordsLoader(yaml.SafeLoader):
    """Takes words as words: NO is Norway, 0123 and 12:30 are texts, and a day is as it is written.

    Only true and false are no words, and only digits without a zero before them are whole numbers.
    """


WordsLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] not in ("timestamp", "bool", "int")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _tag, _pattern, _first in (("bool", "(?:true|false)", "tTfF"), ("int", "[-+]?(?:0|[1-9][0-9]*)", "-+0123456789")):
    _word = re.compile(rf"{_pattern}\Z", re.IGNORECASE)
    WordsLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", _word, list(_first))
