"""What persons said about being measured is remembered, so that a call that says nothing is judged by it."""

from collections.abc import Callable, Mapping, Sequence

import msgspec
import structlog

from apps.compliance.api import Consent
from apps.ingestion.domain.consents import keys_of, strictest
from apps.ingestion.domain.payload import Payload, decode_payload

log = structlog.get_logger(__name__)
States = Mapping[int, Consent]
_UNKNOWN = Consent.UNKNOWN  # asked for with every event


class RequestMemory:
    """The memory of one request: one question about all its persons, one statement of all that they say."""

    def __init__(
        self,
        *,
        ask: Callable[[set[int]], States],
        keep: Callable[[States], None],
        key_of: Callable[[Payload], tuple[int, ...]],
        is_in_use: bool,
        keeps_agreement: bool,
    ) -> None:
        self._ask, self._keep, self._key_of = ask, keep, key_of
        self._is_in_use, self._keeps_agreement = is_in_use, keeps_agreement
        self._known: States = {}
        self._said: dict[int, Consent] = {}

    def prepare(self, events: Sequence[bytes]) -> None:
        """Look up everybody in *events* at once. Raises one of the database's errors."""
        if self._is_in_use:
            self._known = self._ask({key for raw in events for key in self._key_of(_payload(raw))})

    def state_of(self, payload: Payload) -> Consent:
        """Return what this person said: in this request, else before it."""
        if not self._known and not self._said:
            return _UNKNOWN
        return strictest(self._said.get(key) or self._known.get(key, Consent.UNKNOWN) for key in self._key_of(payload))

    def note(self, payload: Payload, state: Consent) -> None:
        """Note what this person says now."""
        self._said.update(dict.fromkeys(self._key_of(payload), state))

    def keep(self) -> None:
        """Keep what is new. Raises one of the database's errors when a refusal cannot be kept.

        An agreement that is lost costs an event; a refusal that is lost would cost the person's trust.
        """
        news = {key: state for key, state in self._said.items() if self._is_news(key, state)}
        if not news:
            return
        try:
            self._keep(news)
        except Exception:
            if Consent.DENIED in news.values():
                raise
            log.warning("consents.not_kept", agreements=len(news))

    def _is_news(self, key: int, state: Consent) -> bool:
        known = self._known.get(key, Consent.UNKNOWN)
        if state is Consent.GRANTED and known is Consent.UNKNOWN:
            return self._keeps_agreement
        return state is not known


def memory_of(
    property_id: int,
    *,
    ask: Callable[[int, set[int]], States],
    keep: Callable[[int, States], None],
    secret: bytes,
    is_in_use: bool,
    keeps_agreement: bool,
) -> RequestMemory:
    """Return the memory of one request to *property_id*."""
    return RequestMemory(
        ask=lambda keys: ask(property_id, keys),
        keep=lambda states: keep(property_id, states),
        key_of=lambda payload: keys_of(payload, property_id=property_id, secret=secret),
        is_in_use=is_in_use,
        keeps_agreement=keeps_agreement,
    )


def _payload(raw: bytes) -> Payload:
    try:
        return decode_payload(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return Payload()
