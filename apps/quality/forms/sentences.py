"""What is wrong with a rule or an event, in the language of whoever reads the page."""

import re

from django.utils.translation import gettext

from apps.ingestion import api as ingestion
from apps.quality.domain.failed_words import OF_RELEASES, OF_VALUES
from apps.quality.domain.rules import JSON_TYPES, BadRule
from apps.shared.sentences import Sentences

_VALUES, _RELEASES = Sentences(OF_VALUES), Sentences(OF_RELEASES)
_FAILED = re.compile(r"“(?P<name>.*?)”: (?P<field>.*?) (?P<words>is .*)", re.DOTALL)
_FAILED_ALONE = re.compile(r"(?P<field>\S+) (?P<words>is .*)", re.DOTALL)
_RELEASED = re.compile(r"(?P<begin>Release [0-9]+ by .*?: )(?P<detail>.*)", re.DOTALL)
_TYPES = re.compile(rf", not ((?:{'|'.join(JSON_TYPES)})(?: or (?:{'|'.join(JSON_TYPES)}))+)\Z")
_BETWEEN = re.compile(r"; (?=“)")


def said(error: BadRule) -> str:
    """Return the sentence of *error*."""
    return gettext(error.words) % error.facts if error.facts else gettext(error.words)


def said_of_end(detail: str) -> str:
    """Return why an event was kept back, not taken or let out of quarantine, as it is to be shown."""
    if detail.startswith("“"):
        return "; ".join(map(_failure, _BETWEEN.split(detail)))
    if released := _RELEASED.fullmatch(detail):
        return _RELEASES.said(f"{released['begin']}{ingestion.said_of_end(released['detail'])}")
    of_release = _RELEASES.said(detail)
    return of_release if of_release != detail else ingestion.said_of_end(detail)


def said_of_value(words: str) -> str:
    """Return what is wrong with a value, behind the name of its field where it has one, as it is to be shown."""
    alone = _FAILED_ALONE.fullmatch(words)
    if alone and not words.startswith("is "):
        return f"{alone['field']} {_of_value(alone['words'])}"
    return _of_value(words)


def _of_value(words: str) -> str:
    several = _TYPES.search(words)
    if several is not None:
        words = words[: several.start(1)] + several[1].replace(" or ", f" {gettext('or')} ")
    return _VALUES.said(words)


def _failure(part: str) -> str:
    found = _FAILED.fullmatch(part)
    return part if found is None else f"“{found['name']}”: {found['field']} {_of_value(found['words'])}"
