"""`manage.py check_policies`: whether every table that belongs to an organization is protected by a migration."""

import re
from typing import Any

from clickhouse_backend.models import ClickhouseModel
from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db.migrations import RunSQL
from django.db.migrations.loader import MigrationLoader
from django.db.models import Model

_OWNERS = {"orgs.organization", "orgs.property"}
_FORCED = re.compile(r"ALTER TABLE (\w+) FORCE ROW LEVEL SECURITY")


class Command(BaseCommand):
    """Compare the models with what the migrations protect. Asks no store, so that `make check` can."""

    help = "Refuse a table that leads to an organization and has no forced policy of row-level security."
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Name what is missing, with the line that mends it."""
        protected = set(_FORCED.findall("\n".join(_statements())))
        missing = sorted(
            model._meta.db_table  # noqa: SLF001  Django's documented name
            for model in apps.get_models()
            if not issubclass(model, ClickhouseModel) and not model._meta.proxy and _leads_to_owner(model)  # noqa: SLF001
        )
        missing = [table for table in missing if table not in protected]
        if missing:
            lines = "\n".join(f'  protect("{table}", of_property("{table}"))' for table in missing)
            raise CommandError(f"These tables need a policy in a migration (apps/shared/row_security.py):\n{lines}")
        self.stdout.write(f"{len(protected)} tables are protected.")


def _statements() -> list[str]:
    migrations = MigrationLoader(None).disk_migrations.values()
    operations = [one for migration in migrations for one in migration.operations if isinstance(one, RunSQL)]
    return [one.sql if isinstance(one.sql, str) else str(one.sql) for one in operations]


def _leads_to_owner(model: type[Model], seen: frozenset[str] = frozenset()) -> bool:
    """Tell whether a row names an organization or a property, itself or through what it belongs to."""
    label = model._meta.label_lower  # noqa: SLF001  Django's documented name
    if label in _OWNERS:
        return True
    fields = [field for field in model._meta.concrete_fields if field.name != "made_by"]  # noqa: SLF001
    if any(field.name in ("organization_id", "property_id") for field in fields):
        return True
    parents = [field.related_model for field in fields if field.many_to_one or field.one_to_one]
    return any(
        _leads_to_owner(parent, seen | {label})
        for parent in parents
        if isinstance(parent, type) and parent._meta.label_lower not in seen  # noqa: SLF001
    )
