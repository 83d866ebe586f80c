"""Why an event, a row or a file was not taken, in the language of whoever reads the page."""

from apps.ingestion.domain.end_words import OF_EVENTS, OF_FILES, OF_ROWS
from apps.shared.sentences import Sentences

_KNOWN = Sentences((*OF_EVENTS, *OF_ROWS, *OF_FILES))


def said_of_end(detail: str) -> str:
    """Return the detail of an end, of a line of a report, or of a file that cannot be read, as it is to be shown."""
    return _KNOWN.said(detail)
