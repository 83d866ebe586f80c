"""A property's own channels: rules that come before the default ones. The first that matches names the channel."""

import re
from functools import lru_cache
from typing import NamedTuple

FIELDS = ("source", "medium", "campaign", "referrer_host")


class ChannelRule(NamedTuple):
    """Patterns for the words of a source, and the channel they mean. An empty pattern asks for nothing.

    `*` is anything, and letters count alike, large and small.
    """

    channel: str
    source: str = ""
    medium: str = ""
    campaign: str = ""
    referrer_host: str = ""

    @property
    def patterns(self) -> tuple[str, str, str, str]:
        """The patterns in the order of FIELDS."""
        return self[1:]


Rules = tuple[ChannelRule, ...]
Words = tuple[str, str, str, str]


@lru_cache(maxsize=16_384)
def own_channel(rules: Rules, words: Words) -> str:
    """Return the channel that *rules* give to *words* (in the order of FIELDS), empty where none matches."""
    for rule in rules:
        if all(_matches(pattern, word) for pattern, word in zip(rule.patterns, words, strict=True) if pattern):
            return rule.channel
    return ""


def _matches(pattern: str, word: str) -> bool:
    return _compiled(pattern).fullmatch(word) is not None


@lru_cache(maxsize=4_096)
def _compiled(pattern: str) -> "re.Pattern[str]":
    # Several stars in a row are one, or a long word would be tried in too many ways.
    parts = re.split(r"\*+", pattern)
    return re.compile(".*".join(map(re.escape, parts)), re.IGNORECASE | re.DOTALL)
