"""Figures as a reader of the active language writes them. Templates format with these and nothing else."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from babel import Locale
from babel import dates as babel_dates
from babel import numbers as babel_numbers
from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

register = template.Library()

Number = int | float | Decimal
NOTHING = "–"


def _locale() -> Locale:
    return Locale.parse((get_language() or "en").replace("-", "_"))


@register.filter
def number(value: Number | None, digits: int = 0) -> str:
    """Group thousands and keep at most *digits* decimals: 12,345.6 or 12 345,6."""
    if value is None:
        return NOTHING
    pattern = "#,##0" + ("." + "#" * digits if digits else "")
    return babel_numbers.format_decimal(value, format=pattern, locale=_locale())


@register.filter
def compact(value: Number | None) -> str:
    """Shorten a large figure: 12.3K, 12,3 тыс."""
    if value is None:
        return NOTHING
    return babel_numbers.format_compact_decimal(value, locale=_locale(), fraction_digits=1)


@register.filter
def money(value: Number | None, currency: str) -> str:
    """Write an amount with its currency and as many decimals as that currency has."""
    if value is None:
        return NOTHING
    return babel_numbers.format_currency(value, currency, locale=_locale())


@register.filter
def whole_money(value: Number | None, currency: str) -> str:
    """Write an amount without its decimals, for large figures in small places."""
    if value is None:
        return NOTHING
    pattern = _locale().currency_formats["standard"].pattern.replace(".00", "")
    return babel_numbers.format_currency(value, currency, format=pattern, locale=_locale(), currency_digits=False)


@register.filter
def percent(share: Number | None, digits: int = 1) -> str:
    """Write a share of 1 as percent: 0.1234 is 12.3%."""
    if share is None:
        return NOTHING
    return babel_numbers.format_decimal(share, format=_percent_pattern(digits), locale=_locale())


@register.filter
def signed_percent(share: Number | None, digits: int = 1) -> str:
    """Write a change as percent with its sign: +12.3%, −4.5%."""
    if share is None:
        return NOTHING
    change = float(share)
    text = percent(abs(change), digits)
    if round(change, digits + 2) == 0:
        return text
    return f"{'+' if change > 0 else '−'}{text}"


@register.filter
def times(ratio: Number | None) -> str:
    """Write how many times as much: 2.5×."""
    return NOTHING if ratio is None else f"{number(ratio, 2)}×"


@register.filter
def signed(value: Number | None, digits: int = 0) -> str:
    """Write a difference with its sign: +12.5, −3; nothing that shows is 0."""
    if value is None:
        return NOTHING
    return _with_sign(value, number(_size(value), digits), digits)


@register.filter
def signed_money(value: Number | None, currency: str) -> str:
    """Write a difference of money with its sign: +€12.50, −€3.00."""
    if value is None:
        return NOTHING
    return _with_sign(value, money(_size(value), currency), 4)


def _size(value: Number) -> Number:
    return -value if value < 0 else value


def _with_sign(value: Number, text: str, digits: int) -> str:
    if round(value, digits) == 0:
        return text
    return f"{'+' if value > 0 else '−'}{text}"


@register.filter
def day(value: date | None) -> str:
    """Write a date: Nov 22, 2026."""
    return NOTHING if value is None else babel_dates.format_date(value, format="medium", locale=_locale())


@register.filter
def short_day(value: date) -> str:
    """Write a date without its year, as on an axis: Nov 22, or 22 нояб."""
    return babel_dates.format_skeleton("MMMd", value, locale=_locale())


@register.filter
def middle(text: str, most: int) -> str:
    """Shorten *text* to *most* signs in its middle, for ids often differ at their ends alone: 0197a2…44c1."""
    if len(text) <= most:
        return text
    end = (most - 1) // 3
    return f"{text[: most - 1 - end]}…{text[len(text) - end :]}"


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """Write an instant in the current time zone, to the second, for machines as well."""
    if value is None:
        return NOTHING
    here = timezone.localtime(value)
    text = babel_dates.format_datetime(here, format="medium", locale=_locale())
    return format_html('<time datetime="{}">{}</time>', here.isoformat(), text)


@register.filter
def minute(value: datetime | None) -> str:
    """Write an instant in the current time zone, to the minute: Nov 22, 2026, 15:39."""
    if value is None:
        return NOTHING
    here = timezone.localtime(value)
    return f"{day(here)}, {here:%H:%M}"


@register.filter
def lately(value: datetime | None) -> SafeString | str:
    """Write an instant of the last weeks in the current time zone, to the second: Nov 22, 15:39:17."""
    if value is None:
        return NOTHING
    here = timezone.localtime(value)
    text = f"{babel_dates.format_skeleton('MMMd', here, locale=_locale())}, {here:%H:%M:%S}"
    return format_html('<time class="num" datetime="{}">{}</time>', here.isoformat(), text)


@register.filter
def ago(value: datetime | None) -> SafeString | str:
    """Write how long ago an instant was; the instant itself is the title."""
    if value is None:
        return NOTHING
    here = timezone.localtime(value)
    text = babel_dates.format_timedelta(value - timezone.now(), add_direction=True, locale=_locale())
    full = babel_dates.format_datetime(here, format="medium", locale=_locale())
    return format_html('<time datetime="{}" title="{}">{}</time>', here.isoformat(), full, text)


@register.filter
def span(value: timedelta | int | None) -> str:
    """Write a length of time (a timedelta or milliseconds) with its two largest units: 3 d 4 h."""
    if value is None:
        return NOTHING
    seconds = value.total_seconds() if isinstance(value, timedelta) else value / 1000
    units = ((86400, _("d")), (3600, _("h")), (60, _("min")), (1, _("s")))
    left, words = int(abs(seconds)), []
    for size, word in units:
        count, left = divmod(left, size)
        if count:
            words.append(f"{count} {word}")
    return " ".join(words[:2]) or f"0 {_('s')}"


def _percent_pattern(digits: int) -> str:
    """Return the language's own pattern (Russian puts a space before the sign) with *digits* decimals."""
    pattern = str(_locale().percent_formats[None].pattern)
    return pattern.replace("##0", "##0." + "0" * digits) if digits else pattern
