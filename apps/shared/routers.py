"""Which store a model lives in. There may be several of facts, one for each region."""

from typing import Any

from clickhouse_backend.models import ClickhouseModel
from django.apps import apps
from django.conf import settings
from django.db.models import Model

from apps.shared import regions


class StoreRouter:
    """Facts go to ClickHouse, everything else to PostgreSQL."""

    def db_for_read(self, model: type[Model], **_hints: Any) -> str | None:
        """Return the store that *model* is read from. Facts of several regions have no store in common."""
        if not issubclass(model, ClickhouseModel):
            return None
        if len(settings.FACT_DATABASES) > 1:
            raise regions.NoRegion(f"{model.__name__} is kept in several regions: say which with using().")
        return next(iter(settings.FACT_DATABASES))

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool | None:
        """Send each migration to one kind of store; RunSQL says `hints={"clickhouse": True}` for ClickHouse.

        `hints={"consent": True}` is for what a region's own PostgreSQL holds, which is nothing else.
        """
        if db in settings.CONSENT_DATABASES or "consent" in hints:
            return db in settings.CONSENT_DATABASES and bool(hints.get("consent"))
        is_clickhouse = db in settings.FACT_DATABASES
        if "clickhouse" in hints:
            return bool(hints["clickhouse"]) == is_clickhouse
        model = hints.get("model")
        if model is None and model_name is not None:
            model = apps.get_app_config(app_label).models.get(model_name)
        if model is not None:
            # The models of a migration's own state have lost their abstract base: their engine gives them away.
            is_fact = issubclass(model, ClickhouseModel) or hasattr(model._meta, "engine")  # noqa: SLF001
            return is_fact == is_clickhouse
        return not is_clickhouse
