"""Translations: complete, compiled by Babel, and stopped when a variable was lost."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.apps import apps
from django.core.management.base import CommandError
from django.utils import translation

from apps.shared.management.commands.compile_translations import compile_catalogue

TRANSLATE = re.compile(
    r"""{%\s*translate\s+(?P<quote>["'])(?P<text>.*?)(?P=quote)(?:\s+context\s+["'](?P<context>[^"']*))?"""
)
HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


def catalogue(folder: Path, body: str) -> Path:
    """Write a Russian catalogue."""
    source = folder / "ru" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(HEADER + body, encoding="utf-8")
    return source


def test_catalogue_compiled_is_read_by_gettext(tmp_path: Path) -> None:
    source = catalogue(tmp_path, 'msgid "Sign in"\nmsgstr "Войти"\n')

    count = compile_catalogue(source, source.with_suffix(".mo"))

    with source.with_suffix(".mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Sign in") == "Войти"
    assert count == 1


def test_lost_variable_stops_the_build(tmp_path: Path) -> None:
    source = catalogue(tmp_path, '#, python-format\nmsgid "At most %(most)s"\nmsgstr "Не больше"\n')

    with pytest.raises(CommandError, match="At most"):
        compile_catalogue(source, source.with_suffix(".mo"))

    assert not source.with_suffix(".mo").exists()


def test_russian_says_everything() -> None:
    with Path("locale/ru/LC_MESSAGES/django.po").open("rb") as file:
        missing = [message.id for message in read_po(file, locale="ru") if message.id and not message.string]

    assert missing == []


def test_every_text_of_the_sources_has_a_russian_one() -> None:
    with Path("locale/ru/LC_MESSAGES/django.po").open("rb") as file:
        known = {(one.context, one.id if isinstance(one.id, str) else one.id[0]) for one in read_po(file, locale="ru")}
    said = {(path, *one) for path in Path("apps").rglob("*.py") for one in _said_by_code(path)}
    said |= {(path, *one) for path in Path("templates").rglob("*.html") for one in _said_by_template(path)}

    assert {one for one in said if one[1:] not in known} == set()
    assert len(said) > 2_000


def _said_by_code(path: Path) -> Iterator[tuple[str | None, str]]:
    """Yield the texts that a module has translated, each with its context."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        texts = [one.value if isinstance(one, ast.Constant) else None for one in node.args]
        if (
            name in {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
            and texts
            and isinstance(texts[0], str)
        ):
            yield None, texts[0]
        elif name in {"pgettext", "pgettext_lazy"} and isinstance(texts[0], str) and isinstance(texts[1], str):
            yield texts[0], texts[1]


def _said_by_template(path: Path) -> Iterator[tuple[str | None, str]]:
    """Yield the texts of the tag `translate`; the gallery of components is for developers, and English."""
    if "design" in path.parts:
        return
    for found in TRANSLATE.finditer(path.read_text(encoding="utf-8")):
        yield found["context"], found["text"].replace("%", "%%")


def test_one_english_word_of_several_meanings_has_a_russian_word_for_each() -> None:
    meant = {
        ("compliance.AuditEntry", "actor_name"): "кто",
        ("compliance.AuditEntry", "address"): "откуда",
        ("compliance.AuditEntry", "subject"): "предмет",
        ("shared.Mail", "subject"): "тема",
        ("accounts.Domain", "verified_by"): "способ",
        ("attribution.TrainingRun", "window_from"): "с",
    }
    with translation.override("ru"):
        said = {key: str(apps.get_model(key[0])._meta.get_field(key[1]).verbose_name) for key in meant}

    assert said == meant
