"""Words about single events: states, why one was not stored and what to do, by which rule a member differs."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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
ENDS: dict[str, End] = {
    "duplicate": End(
        _("It has the message id of an event that is stored."),
        _("Nothing, if it is a retry. Else give every event an id of its own."),
    ),
    "not_json": End(_("The bytes are no JSON document."), _JSON),
    "not_utf8": End(_("The bytes are not UTF-8."), _JSON),
    "wrong_type": End(_("A field has another type than the protocol says."), _("Compare the field with the docs.")),
    "too_deep": End(_("The JSON is nested too deeply."), _("Flatten the properties.")),
    "nul_character": End(_("A text holds the NUL character."), _("Clean the text before it is sent.")),
    "too_large": End(_("It is larger than what is taken."), _SMALLER),
    "too_many": End(_("The batch holds too many events."), _SMALLER),
    "too_long": End(_("An id or a name is longer than what is taken."), _("Shorten it to 512 characters.")),
    "empty": End(_("The request held no event."), _("Send nothing when there is nothing to send.")),
    "broken_off": End(_("The request ended before all of it was there."), _("The network broke off: send it again.")),
    "unsupported_encoding": End(
        _("The body is compressed in a way that is not read here."), _("Send it plain or compressed with gzip.")
    ),
    "bad_compression": End(_("The compressed body cannot be unpacked."), _("Check Content-Encoding and the body.")),
    "bad_base64": End(_("The data in the address is not base64."), _("Encode the JSON in base64.")),
    "no_identity": End(_("It names nobody."), _("Send a userId or an anonymousId with every event.")),
    "no_name": End(_("A track call did not name its event."), _("Set `event`.")),
    "no_group": End(_("A group call did not name its group."), _("Set `groupId`.")),
    "unknown_type": End(_("The type of the call is unknown."), _("Use one of the calls of the docs.")),
    "bad_time": End(_("Its time cannot be read."), _CLOCK),
    "in_future": End(_("It lies more than a day in the future."), _CLOCK),
    "too_old": End(_("It lies before the year 2000."), _CLOCK),
    "bad_consent": End(_("What it says about consent cannot be read."), _("Check the TCF string or the status.")),
    "consent_denied": End(
        _("The person did not agree to be measured. Only that there was such an event is kept."),
        _("Nothing: this is their choice."),
    ),
    "bot": End(_("A crawler sent it, by its own word."), _("Nothing: machines do not buy.")),
    "prefetch": End(_("A program fetched the link ahead of the person."), _("Nothing: the person's own click counts.")),
    "bad_amount": End(_("Its amount is no number that can be added up."), _("Send 49.90, not “49,90 €”.")),
    "bad_currency": End(_("Its currency is no code."), _("Send EUR, not “Euro”.")),
    "failed": End(_("The writer could not read it."), _("This is a fault of ours: the log of the writer says more.")),
    "expectation": End(_("It fails what the property expects of it."), _("Fix and replay it on the page Quarantine.")),
    "property_gone": End(_("Its property was deleted before it was stored."), _("Stop the sender.")),
    "too_many_requests": End(
        _("The stream had sent more than it may in that second."),
        _("Send the same again after the seconds that Retry-After says; SDKs do so by themselves."),
    ),
    "log_unavailable": End(_("It could not be put on disk."), _AGAIN),
    "consent_unavailable": End(_("It could not be known what the person had agreed to."), _AGAIN),
    "token_required": End(
        _("The stream takes nothing without a token, and none was sent."), _("Ask for a token first: see the docs.")
    ),
    "unreadable": End(_("What lay on the log is no delivery."), _("Look for damage of the log's disk.")),
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
    return ENDS.get(reason, End("", ""))
