"""What is recorded beside changes of rows."""

from apps.compliance.models import AuditEntry
from apps.shared import behalf


def record(
    *, action: str, organization_id: int | None, subject: str = "", subject_id: str = "", **facts: object
) -> None:
    """Write down something that changes no row: a sign-in, an export. Who did it, PostgreSQL takes from the request."""
    with behalf.acting(behalf.of_system()):
        AuditEntry.objects.create(
            organization_id=organization_id, action=action, subject=subject, subject_id=subject_id, after=facts or None
        )
