"""What a person looks for among conversions, read from the address."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from apps.reports import wording
from apps.reports.frame import Frame

LONGEST_SEARCH = 200


@dataclass(frozen=True, slots=True)
class Search:
    """What a person looks for in the list, and the place where it goes on."""

    text: str = ""
    reason: str = ""
    cursor: str = ""

    def query(self, frame: Frame, *, cursor: str = "") -> str:
        """Return the query string of this search in *frame*."""
        pairs = [("q", self.text), ("reason", self.reason), ("cursor", cursor)]
        extra = urlencode([pair for pair in pairs if pair[1]])
        begun = frame.state.query()
        return f"{begun}&{extra}" if extra and begun != "?" else f"{begun}{extra}"


def read_search(query: QueryDict) -> Search:
    """Return the search in an address."""
    text, reason, cursor = (query.get(name, "").strip().replace("\x00", "") for name in ("q", "reason", "cursor"))
    return Search(text[:LONGEST_SEARCH], reason if reason in wording.REASONS else "", cursor)
