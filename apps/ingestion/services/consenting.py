"""What persons said about being measured is remembered, so that a call that says nothing is judged by it."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec
import structlog

from apps.compliance.api import Consent
from apps.ingestion.domain.consents import keys_of, strictest
from apps.ingestion.domain.payload import Payload, decode_payload

log = structlog.get_logger(__name__)
States = Mapping[int, Consent]
_NOBODY: States = {}
_REFUSALS = frozenset({Consent.DENIED, Consent.MEASUREMENT})  # the second is one of advertising


class Records(NamedTuple):
    """Where people's words are kept: how to ask for those behind keys, how to keep new ones, and the keys' secret."""

    ask: Callable[[int, set[int]], States]
    keep: Callable[[int, States], None]
    secret: bytes


class RequestMemory:
    """The memory of one request: one question about all its persons, one statement of all that they say.

    It is made for every request, so it costs next to nothing until somebody says something. *is_idle* until then,
    unless the property holds words of anybody.
    """

    __slots__ = ("_is_in_use", "_keeps_agreement", "_known", "_property_id", "_records", "_said", "is_idle")

    def __init__(self, records: Records, property_id: int, *, is_in_use: bool, keeps_agreement: bool) -> None:
        self._records, self._property_id = records, property_id
        self._is_in_use, self._keeps_agreement = is_in_use, keeps_agreement
        self._known: States = _NOBODY
        self._said: dict[int, Consent] | None = None
        self.is_idle = not is_in_use

    def prepare(self, events: Sequence[bytes]) -> None:
        """Look up everybody in *events* at once. Raises one of the database's errors."""
        if self._is_in_use:
            keys = {key for raw in events for key in self._keys_of(_payload(raw))}
            self._known = self._records.ask(self._property_id, keys)

    def state_of(self, payload: Payload) -> Consent:
        """Return what this person said: in this request, else before it."""
        if not self._known and not self._said:
            return Consent.UNKNOWN
        said = self._said or _NOBODY
        return strictest(said.get(key) or self._known.get(key, Consent.UNKNOWN) for key in self._keys_of(payload))

    def note(self, payload: Payload, state: Consent) -> None:
        """Note what this person says now."""
        self._said = {**(self._said or _NOBODY), **dict.fromkeys(self._keys_of(payload), state)}
        self.is_idle = False

    def keep(self) -> None:
        """Keep what is new. Raises one of the database's errors when a refusal cannot be kept.

        An agreement that is lost costs an event; a refusal that is lost would cost the person's trust.
        """
        if self._said is None:
            return
        news = {key: state for key, state in self._said.items() if self._is_news(key, state)}
        if not news:
            return
        try:
            self._records.keep(self._property_id, news)
        except Exception:
            if not _REFUSALS.isdisjoint(news.values()):
                raise
            log.warning("consents.not_kept", agreements=len(news))

    def _keys_of(self, payload: Payload) -> tuple[int, ...]:
        return keys_of(payload, property_id=self._property_id, secret=self._records.secret)

    def _is_news(self, key: int, state: Consent) -> bool:
        known = self._known.get(key, Consent.UNKNOWN)
        if state is Consent.GRANTED and known is Consent.UNKNOWN:
            return self._keeps_agreement
        return state is not known


def _payload(raw: bytes) -> Payload:
    try:
        return decode_payload(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return Payload()
