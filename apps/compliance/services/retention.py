"""For how long the record is kept."""

from datetime import datetime

from django.db import connection, transaction

from apps.compliance.models import AuditEntry, AuditRetention

_SEAL = """INSERT INTO compliance_auditseal (organization_id, first, last, hash, years)
    VALUES (%s, 0, 0, '', 0) RETURNING last"""


def change_retention(*, organization_id: int, years: int | None) -> None:
    """Keep the record for *years*, or for ever; what is older is pruned by night. Raises ValidationError."""
    if years is None:
        AuditRetention.objects.filter(organization_id=organization_id).delete()
        return
    row = AuditRetention.objects.filter(organization_id=organization_id).first() or AuditRetention(
        organization_id=organization_id
    )
    row.years = years
    row.full_clean(validate_unique=False)
    row.save()


def prune_all() -> int:
    """Prune every record that is not kept for ever and return how many entries went. Safe to repeat."""
    return sum(prune(organization_id) for organization_id in AuditRetention.objects.values_list("pk", flat=True))


def prune(organization_id: int) -> int:
    """Prune what is older than the retention in force, each part behind a seal, and return how many entries went."""
    count = 0
    while went := _prune_part(organization_id):
        count += went
    return count


@transaction.atomic
def _prune_part(organization_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_SEAL, [organization_id])
        sealed = cursor.fetchone()  # PostgreSQL may find nothing that is old enough
    return AuditEntry.objects.filter(chain=organization_id, number__lte=sealed[0]).delete()[0] if sealed else 0


def oldest_kept(organization_id: int) -> datetime | None:
    """Return the time of the oldest entry that is there."""
    # Its chain has the same number, and an index by which the first is found without reading the others.
    rows = AuditEntry.objects.filter(chain=organization_id, organization_id=organization_id)
    return rows.order_by("number").values_list("at", flat=True).first()
