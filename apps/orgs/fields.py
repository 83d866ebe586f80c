"""Fields of the rules of a property, and the spans that pages offer."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
VISIT_GAPS = (10 * MINUTE, 15 * MINUTE, 30 * MINUTE, 45 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR)
_MOST_DOMAINS = 200
_PORT = re.compile(r":[0-9]+$")


class DomainsField(forms.CharField):
    """Host names, one a line."""

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocapitalize": "off"})

    def prepare_value(self, value: Any) -> Any:
        """Show a list as lines, in the letters that people read."""
        return "\n".join(map(_readable, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        """Return the names without doubles, as browsers send them: in lower case, without scheme, port, path or www."""
        names = [_bare(line) for line in str(value or "").replace(",", "\n").splitlines()]
        return list(dict.fromkeys(name for name in names if name))

    def validate(self, value: Any) -> None:
        """Refuse what is no host name, naming it."""
        check = URLValidator(schemes=["https"])
        for name in value:
            try:
                check(f"https://{name}/")
            except ValidationError:
                raise ValidationError(_("“%(name)s” is not a domain."), params={"name": name[:80]}) from None
        if len(value) > _MOST_DOMAINS:
            raise ValidationError(_("At most %(most)s domains."), params={"most": _MOST_DOMAINS})

    def run_validators(self, value: Any) -> None:
        """Skip the validators of a text: this is a list by now."""


def _bare(line: str) -> str:
    name = line.strip().lower().removeprefix("https://").removeprefix("http://").partition("/")[0]
    name = _PORT.sub("", name).removeprefix("www.").strip(".")
    try:
        return name.encode("idna").decode()
    except UnicodeError:
        return name  # the field says that it is none


def _readable(name: str) -> str:
    try:
        return name.encode().decode("idna")
    except UnicodeError:
        return name


def span_text(span: timedelta) -> str:
    """Return a span in its largest whole unit."""
    minutes = int(span.total_seconds()) // 60
    if minutes % 1440 == 0:
        return ngettext("%(count)d day", "%(count)d days", minutes // 1440) % {"count": minutes // 1440}
    if minutes % 60 == 0:
        return ngettext("%(count)d hour", "%(count)d hours", minutes // 60) % {"count": minutes // 60}
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def spans(offered: Iterable[timedelta], current: timedelta) -> list[tuple[str, str]]:
    """Return the choices of a span; the one in force is always among them."""
    return [(seconds(span), span_text(span)) for span in sorted({*offered, current})]


def seconds(span: timedelta) -> str:
    """Return a span as the value of a choice."""
    return str(int(span.total_seconds()))


def inherited(offered: Iterable[timedelta], own: timedelta | None, words: str) -> list[tuple[str, str]]:
    """Return the choices of a span that a wider level may say instead, in *words*."""
    return [("", words), *spans(offered, own or min(offered))]


class SpanField(forms.TypedChoiceField):
    """A span of time out of a list, in seconds."""

    def __init__(self, **options: Any) -> None:
        super().__init__(coerce=lambda value: timedelta(seconds=int(value)), empty_value=None, **options)


def visit_gaps(current: timedelta) -> list[tuple[str, str]]:
    """Return the choices of a visit gap; the one in force is always among them."""
    return spans(VISIT_GAPS, current)
