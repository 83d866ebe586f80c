"""Parts of addresses that Django has no name for."""

from django.urls import register_converter


class AnyText:
    """Any text at all, as ids of clients are: with slashes, and with line breaks, which `path` does not take."""

    regex = r"[\s\S]+"

    def to_python(self, value: str) -> str:
        """Return the text of an address."""
        return value

    def to_url(self, value: str) -> str:
        """Return the text for an address, which Django escapes."""
        return value


register_converter(AnyText, "anything")
