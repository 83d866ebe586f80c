"""A database of one's own in both stores, cloned from the migrated template."""

import re

from clickhouse_driver import Client

from apps.shared.local import postgres
from apps.shared.local.layout import Layout
from apps.shared.local.ports import LOOPBACK

TEMPLATE, FACTS = "tributary", "default"  # the names that `make up` uses: the house starts from the same copy
_KEPT_ROWS = "django_migrations"


def client(layout: Layout, database: str = "default") -> Client:
    """Return a connection to the test ClickHouse."""
    return Client(
        LOOPBACK, port=layout.ports.clickhouse, user="tributary", password=layout.secrets.clickhouse, database=database
    )


def clone(layout: Layout, name: str) -> None:
    """Make the databases *name*, with every table of the template and no rows."""
    postgres.create_database(layout, name, template=TEMPLATE)
    # Tests that commit empty every table behind them; the product's role may not.
    postgres.psql(layout, f"GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO {postgres.APPLICATION}", database=name)
    with client(layout) as store:
        store.execute(f"CREATE DATABASE {name}")
        for statement in _statements(store):
            store.execute(re.sub(rf"\b{FACTS}\.", f"{name}.", statement))
        store.execute(f"INSERT INTO {name}.{_KEPT_ROWS} SELECT * FROM {FACTS}.{_KEPT_ROWS}")


def _statements(store: Client) -> list[str]:
    """Return what creates the template's tables, tables before the views that read them."""
    rows = store.execute(
        "SELECT create_table_query FROM system.tables WHERE database = %(name)s AND name NOT LIKE '.inner%%' "
        "ORDER BY engine = 'MaterializedView', engine LIKE '%%View', name",
        {"name": FACTS},
    )
    return [statement for (statement,) in rows]


def empty_facts(layout: Layout, name: str) -> None:
    """Forget every row of ClickHouse."""
    with client(layout, name) as store:
        tables = store.execute(
            "SELECT name FROM system.tables WHERE database = %(name)s AND engine LIKE '%%MergeTree' "
            "AND name != %(kept)s AND total_rows > 0",
            {"name": name, "kept": _KEPT_ROWS},
        )
        for (table,) in tables:
            store.execute(f"TRUNCATE TABLE `{table}`")
