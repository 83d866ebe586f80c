"""Which store a model lives in."""

from typing import Any

from clickhouse_backend.models import ClickhouseModel
from django.apps import apps
from django.db.models import Model


class StoreRouter:
    """Facts go to ClickHouse, everything else to PostgreSQL."""

    def db_for_read(self, model: type[Model], **_hints: Any) -> str | None:
        """Return the store that *model* is read from."""
        return "clickhouse" if issubclass(model, ClickhouseModel) else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool | None:
        """Send each migration to one store; RunSQL says `hints={"clickhouse": True}` when it means ClickHouse."""
        if "clickhouse" in hints:
            return bool(hints["clickhouse"]) == (db == "clickhouse")
        model = hints.get("model")
        if model is None and model_name is not None:
            model = apps.get_app_config(app_label).models.get(model_name)
        if model is not None:
            # The models of a migration's own state have lost their abstract base: their engine gives them away.
            is_fact = issubclass(model, ClickhouseModel) or hasattr(model._meta, "engine")  # noqa: SLF001
            return is_fact == (db == "clickhouse")
        return db != "clickhouse"
