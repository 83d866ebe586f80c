"""Readers of the environment: what they accept, and that a failure names the variable."""

from datetime import timedelta
from pathlib import Path

import pytest

from config import env


def test_missing_variable_fails_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOT_THERE", raising=False)

    with pytest.raises(env.SettingError, match="Set the environment variable NOT_THERE"):
        env.text("NOT_THERE")


@pytest.mark.parametrize(
    ("raw", "expected"), [("1", True), ("yes", True), ("ON ", True), ("0", False), ("", False), ("maybe", False)]
)
def test_flag_says_yes_to_few_words(monkeypatch: pytest.MonkeyPatch, raw: str, expected: bool) -> None:
    monkeypatch.setenv("FLAG", raw)

    assert env.flag("FLAG", not expected) is expected


def test_number_that_is_none_fails_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_PORT", "smtp")

    with pytest.raises(env.SettingError, match="EMAIL_PORT must be a whole number, not 'smtp'"):
        env.number("EMAIL_PORT", 25)


def test_duration_is_given_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAP", "90")

    assert env.duration("GAP", timedelta(minutes=5)) == timedelta(seconds=90)


def test_words_are_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTS", " a.example, ,b.example ")

    assert env.words("HOSTS") == ["a.example", "b.example"]


def test_secret_is_read_from_the_file_it_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from the file\n")
    monkeypatch.setenv("SECRET_KEY", "from the variable")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))

    assert env.secret("SECRET_KEY") == "from the file"


def test_database_url_is_taken_apart_and_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://ada:p%40ss%2Fword@db.example:5433/books")

    assert env.database("DATABASE_URL") == {
        "HOST": "db.example",
        "PORT": 5433,
        "USER": "ada",
        "PASSWORD": "p@ss/word",
        "NAME": "books",
    }


def test_database_without_a_host_fails_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "books")

    with pytest.raises(env.SettingError, match="DATABASE_URL must be a URL such as"):
        env.database("DATABASE_URL")
