"""Sentences that are stored in English, with what stands in them, read in the language of whoever looks at them.

What is stored stays as it is: programs read it, and a sentence without a translation is better than none.
"""

import re
from collections.abc import Iterable

from django.utils.translation import gettext

_PLACE = re.compile(r"%\((\w+)\)s")
_LONGEST = 1_000  # with several values in it a longer one would take its time, and none is


class Sentences:
    """The sentences of one kind; in each, `%(name)s` is the place of a value."""

    def __init__(self, words: Iterable[str]) -> None:
        self._known = [(one, _shape(one)) for one in sorted(words, key=_fixed_length, reverse=True)]

    def said(self, text: str) -> str:
        """Return *text* in the reader's language; what is none of the sentences is returned as it is."""
        if len(text) > _LONGEST:
            return text
        for words, shape in self._known:
            if found := shape.fullmatch(text):
                return gettext(words) % found.groupdict() if found.groupdict() else gettext(words)
        return text


def _fixed_length(words: str) -> int:
    """Return how much of a sentence is given: the more, the less another one is meant."""
    return len(_PLACE.sub("", words))


def _shape(words: str) -> re.Pattern[str]:
    parts = _PLACE.split(words)
    shown = (f"(?P<{part}>.*)" if number % 2 else re.escape(part) for number, part in enumerate(parts))
    return re.compile("".join(shown), re.DOTALL)
