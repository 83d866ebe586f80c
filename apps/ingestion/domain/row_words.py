"""What a report says about rows, as sentences that the pages have in every language; the report itself is English."""


def _(text: str) -> str:
    """Mark *text* for translation, which a page does."""
    return text


SHORTENED = _(
    "A spreadsheet shortened this id, so that it stands for many: import the export as it came, or write the column"
    " as text before the file is saved."
)
