"""What a report says about rows, as sentences that the pages have in every language; the report itself is English."""


def _(text: str) -> str:
    """Mark *text* for translation, which a page does."""
    return text


SHORTENED = _(
    "A spreadsheet shortened this id, so that it stands for many: import the export as it came, or write the column"
    " as text before the file is saved."
)
NO_TIME = _("The row has nothing where its time belongs: it may be a total.")
UNCLEAR_AMOUNT = _(
    "This amount may be two numbers: say that amounts have a decimal comma, or write it without a separator of"
    " thousands."
)
UNCLEAR_COUNT = _("This count may be two numbers: write it without a separator.")
NO_COUNT = _("A count is a whole number from 0 on.")
OTHER_CURRENCY = _("The amount names another currency than its row.")
UNCLEAR_CURRENCY = _("Several currencies have this sign: say which in a column with codes, such as USD.")
EXTRA_SEPARATOR = _(
    "The row ends with a separator that the header has not: end the header with one too, or take it off. If it stands"
    " there because of a separator inside a text or a number, write that in quotes."
)
EXTRA_CELLS = _("A text or a number with a separator in it must stand in quotes.")
FEWER_CELLS = _("The row broke off, or has another separator than the header.")
