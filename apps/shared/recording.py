"""The migration that has PostgreSQL write down every change of a table."""

from collections.abc import Sequence

from django.db.migrations import RunSQL


def record_changes(table: str, organization: str, *, secret: Sequence[str] = (), no_news: Sequence[str] = ()) -> RunSQL:
    """Return the migration that records each row that is added, changed or deleted, by whatever SQL (ADR 0032).

    *organization* says where it is found: self, organization, property, stream, account, or none. Columns in *secret*
    are named but not shown, changes of columns in *no_news* alone are not recorded.
    """
    hidden, quiet = (f"'{{{','.join(names)}}}'" for names in (secret, no_news))
    return RunSQL(
        f"CREATE TRIGGER record AFTER INSERT OR UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION audit_row('{organization}', {hidden}, {quiet})",
        f"DROP TRIGGER record ON {table}",
    )
