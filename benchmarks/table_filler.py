"""Fills the table of any model with rows that its fields accept."""

from typing import Any

import psycopg
from django.db.models import Field, Model
from psycopg import sql

from apps.shared.encryption import EncryptedTextField, encrypt

# The first rows belong to what is looked at, the others to anybody.
_OF_OURS = 120
_OURS = {
    "orgs_organization": "(SELECT id FROM orgs_organization WHERE slug = 'bench')",
    "orgs_property": "(SELECT id FROM orgs_property WHERE slug = 'shop' AND organization_id ="
    " (SELECT id FROM orgs_organization WHERE slug = 'bench'))",
}
_VALUES = {
    "BooleanField": "false",
    "DateTimeField": "now() - n * interval '1 second'",
    "DateField": "current_date",
    "TimeField": "'12:00'",
    "DurationField": "interval '1 day'",
    "UUIDField": "gen_random_uuid()",
    "JSONField": "'{}'",
    "ArrayField": "'{}'",
    "GenericIPAddressField": "'192.0.2.1'",
    "BinaryField": "''",
    "PositiveSmallIntegerField": "1 + n % 9",
    "SmallIntegerField": "1 + n % 9",
    "FloatField": "0.5",
    "DecimalField": "n % 90",
}
_TEXTS = {"CharField", "TextField", "SlugField", "EmailField", "URLField"}


def fill_table(one: psycopg.Connection, model: type[Model], *, rows: int) -> None:
    """Add rows until there are *rows*, the first of what is looked at; what is unique stays so."""
    table = model._meta.db_table
    fields = [field for field in model._meta.concrete_fields if not field.get_internal_type().endswith("AutoField")]
    parents = {field.related_model for field in fields if field.related_model not in (None, model)}
    names = ", ".join(f'"{field.column}"' for field in fields)
    one.execute(
        f"INSERT INTO {table} ({names}) SELECT {', '.join(_value(model, field) for field in fields)} "
        f"FROM generate_series((SELECT count(*) + 1 FROM {table}), {rows}) n "
        f"{' '.join(_joined(one, parent) for parent in parents)} ON CONFLICT DO NOTHING"
    )


def _joined(one: psycopg.Connection, parent: type[Model]) -> str:
    """Return the join that gives each row a parent, one after the other."""
    table, key = parent._meta.db_table, parent._meta.pk.column
    count = one.execute(f"SELECT greatest(count(*), 1) FROM {table}").fetchone() or (1,)
    numbered = f"SELECT {key} AS key, row_number() OVER (ORDER BY {key}) - 1 AS place FROM {table}"
    return f"LEFT JOIN ({numbered}) of_{table} ON of_{table}.place = n % {count[0]}"


def _value(model: type[Model], field: "Field[Any, Any]") -> str:
    if isinstance(field.related_model, type):
        return "NULL" if field.related_model is model else _parent_of(field.related_model)
    if isinstance(field, EncryptedTextField):
        return sql.quote(encrypt("secret"))
    if field.choices:
        return sql.quote(str(field.flatchoices[0][0]))
    return _plain(field)


def _parent_of(parent: type[Model]) -> str:
    table = parent._meta.db_table
    ours = _OURS.get(table)
    return f"CASE WHEN n <= {_OF_OURS} THEN {ours} ELSE of_{table}.key END" if ours else f"of_{table}.key"


def _plain(field: "Field[Any, Any]") -> str:
    kind = field.get_internal_type()
    if kind == "BooleanField" and field.name.startswith("is_"):
        return "true"
    if kind in _TEXTS:
        longest = field.max_length or 200
        return sql.quote(field.default) if isinstance(field.default, str) else f"left('x' || n, {longest})"
    return _VALUES.get(kind, "n")
