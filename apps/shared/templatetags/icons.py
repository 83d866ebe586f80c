"""Icons, drawn into the page: no request, no flash, and they take the colour of the text."""

import re
from functools import lru_cache
from pathlib import Path

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_NAME = re.compile(r"[a-z0-9-]+")
_SIZES = {"": "icon", "small": "icon icon--small", "large": "icon icon--large", "hero": "icon icon--hero"}


@lru_cache(maxsize=256)
def _paths(name: str) -> str:
    """Return what stands inside the <svg> of an icon; an unknown name is a mistake in a template and raises."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of an icon")
    file = Path(settings.BASE_DIR) / "static" / "vendor" / "lucide" / f"{name}.svg"
    inside = re.search(r"<svg[^>]*>(.*)</svg>", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    if inside is None:
        raise ValueError(f"{file} is no SVG")
    return " ".join(inside.group(1).split())


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """Draw a Lucide icon. It is decoration: the words beside it say the same."""
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round"'
        ' stroke-linejoin="round" aria-hidden="true" focusable="false">{}</svg>',
        _SIZES[size],
        mark_safe(_paths(name)),  # noqa: S308  our own vendored files
    )
