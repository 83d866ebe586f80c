"""Row-level security: every statement tells PostgreSQL on whose behalf it runs, in the same transaction.

The words go in front of the statement, in one message. PostgreSQL runs such a message as one transaction, so
`set_config(..., true)` holds for exactly this statement, costs no round trip, and leaves nothing on the connection
for the next one who borrows it: safe with any pool, with threads, coroutines and Celery (ADR 0030).
"""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import RunSQL

from apps.shared import behalf
from apps.shared.behalf import Behalf

# What reads or changes rows. Anything else (DDL, savepoints) gets no words and so sees no rows.
_ABOUT_ROWS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "MERGE", "(", "EXPLAIN", "DO", "TABLE", "LOCK")
Execute = Callable[[str, Any, bool, dict[str, Any]], Any]

SYSTEM = "(SELECT current_setting('tributary.system', true) = 'on')"
ORGANIZATION = "(SELECT nullif(current_setting('tributary.organization', true), '')::bigint)"
PERSON = "(SELECT nullif(current_setting('tributary.person', true), '')::bigint)"


def speak_for(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Have every statement of a new connection say on whose behalf it runs."""
    if connection.vendor == "postgresql" and _in_words not in connection.execute_wrappers:
        connection.execute_wrappers.append(_in_words)


def _in_words(execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    if not sql.lstrip()[:8].upper().startswith(_ABOUT_ROWS):
        return execute(sql, params, many, context)
    words, escaped = _words(behalf.current())
    cursor = context["cursor"].cursor
    if many:
        with transaction.atomic(using=context["connection"].alias):
            cursor.execute(words)
            return execute(sql, params, many, context)
    result = execute(f"{words if params is None else escaped}; {sql}", params, many, context)
    cursor.nextset()  # past the answer to our own words
    return result


@lru_cache(maxsize=4096)
def _words(one: Behalf) -> tuple[str, str]:
    """Return the words for a statement without parameters, and for one with: there a percent sign is doubled."""
    said = {
        "tributary.system": "on" if one.is_system else "",
        "tributary.organization": str(one.organization_id or ""),
        "tributary.person": str(one.person_id or ""),
        "tributary.actor": _actor(one.actor),
    }
    calls = ", ".join(f"set_config('{name}', {_quoted(value)}, true)" for name, value in said.items())
    return f"SELECT {calls}", f"SELECT {calls}".replace("%", "%%")


def _actor(actor: behalf.Actor) -> str:
    if not actor.kind:
        return ""
    fields = {name: getattr(actor, name) for name in actor.__slots__}
    said = {name: value.replace("\0", "") if isinstance(value, str) else value for name, value in fields.items()}
    return json.dumps({name: value for name, value in said.items() if value}, ensure_ascii=True)


def _quoted(text: str) -> str:
    # With standard_conforming_strings, which Django insists on, an apostrophe is all there is to double.
    return "'" + text.replace("\0", "").replace("'", "''") + "'"


def protect(table: str, visible: str) -> RunSQL:
    """Return the migration that shows the rows of *table* only to the system and where *visible* holds, and keeps it.

    FORCE binds the owner of the table too. The same condition decides which rows may be written.
    """
    return RunSQL(
        f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        DROP POLICY IF EXISTS tenancy ON {table};
        CREATE POLICY tenancy ON {table} USING ({SYSTEM} OR {visible}) WITH CHECK ({SYSTEM} OR {visible});
        """,
        f"""
        DROP POLICY IF EXISTS tenancy ON {table};
        ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
        ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
        """,
    )


def of_organization(column: str = "organization_id") -> str:
    """Return the condition on a table that names the organization: it, or one that the person is a member of."""
    mine = f"SELECT membership.organization_id FROM orgs_membership AS membership WHERE membership.user_id = {PERSON}"
    return f"{column} = {ORGANIZATION} OR {column} IN ({mine})"


def of_parent(table: str, parent: str, column: str) -> str:
    """Return the condition on a table whose *column* names a row of *parent*: visible where that row is."""
    return f"EXISTS (SELECT 1 FROM {parent} AS parent WHERE parent.id = {table}.{column})"


def of_property(table: str, column: str = "property_id") -> str:
    """Return the condition on a table that names the property: visible where the property is."""
    return of_parent(table, "orgs_property", column)
