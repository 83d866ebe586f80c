"""What every template knows about the page: theme, languages, and where in the product it is."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from apps.shared import regions

THEMES = ("light", "dark")


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the frame's data; properties are lazy, so a page without a menu asks nothing."""
    theme = request.COOKIES.get("theme", "")
    current = getattr(request, "property", None)
    return {
        "theme": theme if theme in THEMES else "system",
        "languages": settings.LANGUAGES,
        "version": settings.VERSION,
        "collect_url": regions.collect_url(current.region) if current else settings.COLLECT_URL,
        "current_property": current,
        "properties": getattr(request, "properties", []),
    }
