"""Why events were not taken, a sentence for each reason, in the language of whoever reads the page."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_SENTENCES: dict[str, str | Promise] = {
    "duplicate": _("It has the message id of an event that is stored."),
    "not_json": _("The bytes are no JSON document."),
    "not_utf8": _("The bytes are not UTF-8."),
    "wrong_type": _("A field has another type than the protocol says."),
    "too_deep": _("The JSON is nested too deeply."),
    "nul_character": _("A text holds the NUL character."),
    "too_large": _("It is larger than what is taken."),
    "too_many": _("The batch holds too many events."),
    "too_long": _("An id or a name is longer than what is taken."),
    "empty": _("The request held no event."),
    "broken_off": _("The request ended before all of it was there."),
    "unsupported_encoding": _("The body is compressed in a way that is not read here."),
    "bad_compression": _("The compressed body cannot be unpacked."),
    "bad_base64": _("The data in the address is not base64."),
    "no_identity": _("It names nobody."),
    "no_name": _("A track call did not name its event."),
    "no_group": _("A group call did not name its group."),
    "unknown_type": _("The type of the call is unknown."),
    "bad_time": _("Its time cannot be read."),
    "in_future": _("It lies more than a day in the future."),
    "too_old": _("It lies before the year 2000."),
    "bad_consent": _("What it says about consent cannot be read."),
    "consent_denied": _("The person did not agree to be measured. Only that there was such an event is kept."),
    "bot": _("A crawler sent it, by its own word."),
    "prefetch": _("A program fetched the link ahead of the person."),
    "bad_amount": _("Its amount is no number that can be added up."),
    "bad_currency": _("Its currency is no code."),
    "failed": _("The writer could not read it."),
    "expectation": _("It fails what the property expects of it."),
    "property_gone": _("Its property was deleted before it was stored."),
    "too_many_requests": _("The stream had sent more than it may in that second."),
    "log_unavailable": _("It could not be put on disk."),
    "consent_unavailable": _("It could not be known what the person had agreed to."),
    "token_required": _("The stream takes nothing without a token, and none was sent."),
    "no_template": _("The mapping says nothing of such a row."),
    "unclear_figure": _("A figure can be read in two ways."),
    "repeated_spend": _("The file states the same spend twice."),
    "no_cost": _("Ad spend does not name its cost."),
    "unreadable_row": _("The row cannot be read."),
    "missing_column": _("The row lacks a column that the mapping names."),
    "unreadable": _("What lay on the log is no delivery."),
}


def said_of_reason(reason: str) -> str:
    """Return the sentence of a reason; one without words has none."""
    return str(_SENTENCES.get(reason, ""))
