"""A message as a subject, a text and a page. Its template says the parts; the layouts say what they look like."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import css_inline
from django.template.loader import render_to_string
from django.utils import translation
from mjml import mjml2html


@dataclass(frozen=True, slots=True)
class Composed:
    """What a mail program shows: `text` where it shows no pages, `html` with every style inlined elsewhere."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Parts:
    """The blocks of a message's template, in the order of templates/mail/parts.txt; plain text, not escaped."""

    subject: str
    text: str
    code: str
    action_label: str
    action_url: str
    note: str


def compose(name: str, context: Mapping[str, Any], language: str | None = None) -> Composed:
    """Draw templates/mail/NAME.html in *language* (default: the present one). Raises TemplateDoesNotExist."""
    with translation.override(language or translation.get_language() or "en"):
        parts = _parts(name, context)
        facts = {key: context[key] for key in ("ip", "user_agent", "timestamp") if key in context}
        text = render_to_string("mail/layout.txt", {**asdict(parts), **facts})
        page = render_to_string("mail/layout.mjml", {**asdict(parts), **facts})
    return Composed(parts.subject, text.strip() + "\n", css_inline.inline(mjml2html(page, fonts={})))


def _parts(name: str, context: Mapping[str, Any]) -> _Parts:
    """Return the parts of a message. The mark between them is drawn anew each time, so no value can forge it."""
    mark = f"\n{secrets.token_hex(16)}\n"
    drawn = render_to_string(f"mail/{name}.html", {**context, "mark": mark})
    subject, *others = (_paragraphs(part) for part in drawn.split(mark))
    return _Parts(" ".join(subject.split()), *others)


def _paragraphs(text: str) -> str:
    """Return *text* without the indentation of its template; an empty line parts paragraphs."""
    paragraphs = (" ".join(part.split()) for part in text.replace("\r", "").split("\n\n"))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
