"""What a report says about rows, as sentences that the pages have in every language; the report itself is English."""


def _(text: str) -> str:
    """Mark *text* for translation, which a page does."""
    return text


SHORTENED = _(
    "A spreadsheet shortened this id, so that it stands for many: import the export as it came, or write the column"
    " as text before the file is saved."
)
UNCLEAR_AMOUNT = _(
    "This amount may be two numbers: say that amounts have a decimal comma, or write it without a separator of"
    " thousands."
)
UNCLEAR_COUNT = _("This count may be two numbers: write it without a separator.")
NO_COUNT = _("A count is a whole number from 0 on.")
OTHER_CURRENCY = _("The amount names another currency than its row.")
UNCLEAR_CURRENCY = _("Several currencies have this sign: say which in a column with codes, such as USD.")
