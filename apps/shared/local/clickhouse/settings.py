"""Settings of one query: put on before it, taken back before the next one that lacks them."""

import json
from collections.abc import Callable

from .errors import ServerError
from .packets import Setting

UNKNOWN_SETTING = 115
IGNORED = frozenset({"log_comment"})  # carries our own mark, see `Connection`


class QuerySettings:
    """
    What stands in one engine connection because a query asked for it.

    A native client sends its settings with each query, the engine keeps them in
    the connection. A statement costs 0.2 ms, so only differences are set.
    """

    def __init__(self, run: Callable[[str], bytes]) -> None:
        self._run = run
        self._applied: dict[str, str] = {}
        self._before: dict[str, str | None] = {}

    def put(self, settings: list[Setting]) -> None:
        wanted = {setting.name: setting for setting in settings if setting.name not in IGNORED}
        for name in [name for name in self._applied if name not in wanted]:
            self._take_back(name)
        fresh = [setting for setting in wanted.values() if self._applied.get(setting.name) != setting.value]
        if not fresh:
            return
        self._remember(fresh)
        try:
            self._run("SET " + ", ".join(map(_assignment, fresh)))
        except ServerError as error:
            if error.code != UNKNOWN_SETTING:
                raise
            fresh = [setting for setting in fresh if self._put_if_known(setting)]
        self._applied.update((setting.name, setting.value) for setting in fresh)

    def _put_if_known(self, setting: Setting) -> bool:
        """A server passes over a setting that it does not know unless it is marked as important."""
        try:
            self._run("SET " + _assignment(setting))
        except ServerError as error:
            if error.code == UNKNOWN_SETTING and not setting.is_important:
                return False
            raise
        return True

    def _remember(self, fresh: list[Setting]) -> None:
        """Keep what a SET of the session itself had chosen, so that it comes back."""
        names = [setting.name for setting in fresh if setting.name not in self._before]
        if not names:
            return
        listed = ", ".join(map(_quoted, names))
        found = self._run(
            f"SELECT name, value FROM system.settings WHERE changed AND name IN ({listed}) FORMAT JSONCompactEachRow"
        )
        changed = dict(_rows(found))
        self._before.update((name, changed.get(name)) for name in names)

    def _take_back(self, name: str) -> None:
        before = self._before.pop(name, None)
        self._applied.pop(name)
        self._run(f"SET {_identifier(name)} = " + ("DEFAULT" if before is None else _quoted(before)))


def _rows(lines: bytes) -> list[tuple[str, str]]:
    return [tuple(json.loads(line)) for line in lines.splitlines()]


def _assignment(setting: Setting) -> str:
    return f"{_identifier(setting.name)} = {_quoted(setting.value)}"


def _identifier(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
