"""Settings of one query: put on before it, taken back before the next one that lacks them."""

from collections.abc import Callable
from typing import Any

from .errors import ServerError
from .names import identifier, literal
from .packets import Setting

_CHANGED = "SELECT name, value FROM system.settings WHERE changed"
UNKNOWN_SETTING = 115
IGNORED = frozenset({"log_comment"})  # carries our own mark, see `Connection`


class QuerySettings:
    """
    What stands in one engine connection because a query asked for it.

    A native client sends its settings with each query, the engine keeps them in
    the connection. A statement costs 0.2 ms, so only differences are set.
    """

    def __init__(self, run: Callable[[str], list[list[Any]]]) -> None:
        self._run = run
        self._applied: dict[str, str] = {}
        self._chosen: dict[str, str] = {}  # by SET statements of the session itself

    @property
    def is_stuck(self) -> bool:
        """Whether settings cannot be taken back any more: read-only is a one-way street."""
        return self._applied.get("readonly", "0") != "0"

    def put(self, settings: list[Setting]) -> None:
        """Make exactly these the query's settings. Raises ServerError for a bad value."""
        wanted = {setting.name: setting for setting in settings if setting.name not in IGNORED}
        self._take_back([name for name in self._applied if name not in wanted])
        fresh = [setting for setting in wanted.values() if self._applied.get(setting.name) != setting.value]
        fresh.sort(key=lambda setting: setting.name == "readonly")
        if fresh:
            self._set(fresh)

    def take_back_all(self) -> None:
        self._take_back(list(self._applied))

    def remember_session(self) -> None:
        """Note what the session's own SET statements have chosen, to come back to it."""
        self._chosen = dict(self._run(_CHANGED))

    def _set(self, fresh: list[Setting]) -> None:
        try:
            self._run("SET " + ", ".join(map(_assignment, fresh)))
            known = fresh
        except ServerError as error:
            if error.code != UNKNOWN_SETTING:
                raise
            known = [setting for setting in fresh if self._set_if_known(setting)]
        self._applied.update((setting.name, setting.value) for setting in known)

    def _set_if_known(self, setting: Setting) -> bool:
        """A server passes over a setting that it does not know unless it is marked as important."""
        try:
            self._run("SET " + _assignment(setting))
        except ServerError as error:
            if error.code == UNKNOWN_SETTING and not setting.is_important:
                return False
            raise
        return True

    def _take_back(self, names: list[str]) -> None:
        if not names:
            return
        back = [f"{identifier(name)} = {self._former(name)}" for name in names]
        self._run("SET " + ", ".join(back))
        for name in names:
            del self._applied[name]

    def _former(self, name: str) -> str:
        return literal(self._chosen[name]) if name in self._chosen else "DEFAULT"


def _assignment(setting: Setting) -> str:
    return f"{identifier(setting.name)} = {literal(setting.value)}"
