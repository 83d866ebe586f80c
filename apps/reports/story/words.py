"""Words about single events: states, why one was not stored and what to do, by which rule a member differs."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.ingestion import api as ingestion

Words = str | Promise

STATES: dict[str, Words] = {
    "stored": _("Stored"),
    "duplicate": _("Duplicate"),
    "quarantined": _("Quarantined"),
    "refused": _("Refused"),
    "waiting": _("On the log, not yet stored"),
    "replayed": _("Replayed"),
    "discarded": _("Discarded"),
    "restored": _("Taken back"),
    "repaired": _("Repaired"),
    "turned_away": _("Not taken"),
}
TONES = {"stored": "good", "duplicate": "warn", "quarantined": "bad", "refused": "bad", "waiting": "accent",
    "replayed": "good", "repaired": "good", "discarded": "", "restored": "warn", "turned_away": "bad"}  # fmt: skip
EXPLAINED: dict[str, Words] = {
    "duplicate": _("The same message id had been accepted before. The first one counts; this one changes nothing."),
    "quarantined": _("The event was set aside, with everything it held. It is in no figure."),
    "refused": _("The event was not accepted, and the sender was told so."),
    "replayed": _("The event left quarantine and went through every check again."),
    "discarded": _("The event was taken out of quarantine. It is in no figure."),
    "restored": _("The discard was taken back: the event waits in quarantine again."),
    "repaired": _("A kept fix changed the event as it was stored; this is how it came."),
}


@dataclass(frozen=True, slots=True)
class End:
    """Why an event was not stored, in a sentence, and what to do about it."""

    sentence: Words
    advice: Words


_JSON = _("Send one JSON document in UTF-8, with Content-Type application/json.")
_SMALLER = _("Send fewer events at once, or smaller ones: 32 KB an event, 500 KB and 2,500 events a batch.")
_AGAIN = _("Send the same again; nothing counts twice. SDKs do so by themselves.")
_CLOCK = _("Check the clock of the sender and the format of its times; ISO 8601 with a zone is safe.")
_ADVICE: dict[str, Words] = {
    "duplicate": _("Nothing, if it is a retry. Else give every event an id of its own."),
    "not_json": _JSON,
    "not_utf8": _JSON,
    "wrong_type": _("Compare the field with the docs."),
    "too_deep": _("Flatten the properties."),
    "nul_character": _("Clean the text before it is sent."),
    "too_large": _SMALLER,
    "too_many": _SMALLER,
    "too_long": _("Shorten it to 512 characters."),
    "empty": _("Send nothing when there is nothing to send."),
    "broken_off": _("The network broke off: send it again."),
    "unsupported_encoding": _("Send it plain or compressed with gzip."),
    "bad_compression": _("Check Content-Encoding and the body."),
    "bad_base64": _("Encode the JSON in base64."),
    "no_identity": _("Send a userId or an anonymousId with every event."),
    "no_name": _("Set `event`."),
    "no_group": _("Set `groupId`."),
    "unknown_type": _("Use one of the calls of the docs."),
    "bad_time": _CLOCK,
    "in_future": _CLOCK,
    "too_old": _CLOCK,
    "bad_consent": _("Check the TCF string or the status."),
    "consent_denied": _("Nothing: this is their choice."),
    "bot": _("Nothing: machines do not buy."),
    "prefetch": _("Nothing: the person's own click counts."),
    "bad_amount": _("Send 49.90, not “49,90 €”."),
    "bad_currency": _("Send EUR, not “Euro”."),
    "failed": _("This is a fault of ours: the log of the writer says more."),
    "expectation": _("Fix and replay it on the page Quarantine."),
    "property_gone": _("Stop the sender."),
    "too_many_requests": _("Send the same again after the seconds that Retry-After says; SDKs do so by themselves."),
    "log_unavailable": _AGAIN,
    "consent_unavailable": _AGAIN,
    "token_required": _("Ask for a token first: see the docs."),
    "unreadable": _("Look for damage of the log's disk."),
}

RULES: dict[str, Words] = {
    "address": _("Network address: the door takes it out before anything is written and keeps the country alone."),
    "agent": _("User agent: device, system and browser are kept, the text is not."),
    "consent": _("Consent: read at the door to decide, not stored with the event."),
    "clock": _("Time: the sender's clock is corrected by the time of sending, and nothing lies ahead of the receipt."),
    "source": _("Source: what the campaign states, else UTM parameters, a click id, the referrer."),
    "channel": _("Channel: follows from the source by the channel rules."),
    "click": _("Click id: read from the address."),
    "money": _("Money: revenue, else value, else total; a refund counts as taken back; no currency is the property's."),
    "page": _("Page: read from the context or the properties."),
    "identity": _("Identity: keys made from the ids, by which events of one person are joined."),
    "traits": _("Traits: kept as the properties of identify and group."),
    "link": _("Link: the short link that was followed."),
    "id": _("Id: made by the server, because none was sent."),
    "call": _("Call: what the address of the call says."),
    "unused": _("Not part of what is stored."),
}
HOWS: dict[str, Words] = {
    "same": _("as sent"),
    "changed": _("changed"),
    "removed": _("taken out"),
    "added": _("added"),
}
ROLES: dict[str, Words] = {
    "conversion": _("Conversion of “%(goal)s”"),
    "refund": _("Refund in “%(goal)s”"),
    "touchpoint": _("Touchpoint before a conversion of “%(goal)s”"),
}


def state_title(state: str) -> str:
    """Return a state in the reader's language; one without words is shown as it is."""
    return str(STATES.get(state, state))


def end_of(reason: str) -> End:
    """Return the words for a reason; one without words has none."""
    return End(ingestion.said_of_reason(reason), _ADVICE.get(reason, ""))
