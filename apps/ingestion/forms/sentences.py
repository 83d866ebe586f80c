"""Why an event or a row was not taken, in the language of whoever reads the page."""

from apps.ingestion.domain.end_words import OF_EVENTS, OF_ROWS
from apps.shared.sentences import Sentences

_KNOWN = Sentences((*OF_EVENTS, *OF_ROWS))


def said_of_end(detail: str) -> str:
    """Return the detail of an end, or of a line of a report, as it is to be shown."""
    return _KNOWN.said(detail)
