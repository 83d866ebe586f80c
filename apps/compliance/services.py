"""What is recorded beside changes of rows, and whether the record is whole."""

import hashlib
from collections.abc import Iterator

from django.db import connection

from apps.compliance.models import AuditChain, AuditEntry
from apps.shared import behalf

# The fields in the order of audit_hash() in sql/audit.sql, as PostgreSQL writes them.
_FIELDS = """previous, chain::text, number::text, coalesce(organization_id::text, ''),
    to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), actor_kind, coalesce(actor_id::text, ''),
    actor_name, address, request_id, action, subject, subject_id,
    coalesce(before::text, ''), coalesce(after::text, '')"""
_AT_ONCE = 5000


def record(
    *, action: str, organization_id: int | None, subject: str = "", subject_id: str = "", **facts: object
) -> None:
    """Write down something that changes no row: a sign-in, an export. Who did it, PostgreSQL takes from the request."""
    with behalf.acting(behalf.of_system()):
        AuditEntry.objects.create(
            organization_id=organization_id, action=action, subject=subject, subject_id=subject_id, after=facts or None
        )


def verify() -> Iterator[str]:
    """Compute every hash of the record anew and yield, in words, whatever does not fit. Nothing means it is whole.

    Computed here and not by the function of the database that made them, which whoever changes rows could change too.
    """
    heads = {head.chain: head for head in AuditChain.objects.all()}
    for chain in sorted({*heads, *AuditEntry.objects.order_by().values_list("chain", flat=True).distinct()}):
        yield from _verify_chain(chain, heads.get(chain))


def _verify_chain(chain: int, head: AuditChain | None) -> Iterator[str]:
    number, previous = 0, ""
    for *parts, found in _rows(chain):
        number += 1
        if int(parts[2]) != number:
            yield f"chain {chain}: entry {number} is missing; {parts[2]} comes next"
            number = int(parts[2])
        elif parts[0] != previous:
            yield f"chain {chain}: entry {number} does not follow the one before it"
        if _hash(parts) != found:
            yield f"chain {chain}: entry {number} was changed"
        previous = found
    if head is None or (head.length, head.hash) != (number, previous):
        yield f"chain {chain}: its end is not where it should be: {head.length if head else 0} entries, found {number}"


def _rows(chain: int) -> Iterator[tuple[str, ...]]:
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {_FIELDS}, hash FROM compliance_auditentry WHERE chain = %s AND number > %s "
                f"ORDER BY compliance_auditentry.number LIMIT {_AT_ONCE}",
                [chain, last],
            )
            rows = cursor.fetchall()
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        last = int(rows[-1][2])


def _hash(parts: list[str]) -> str:
    coded = [part.encode() for part in parts]
    return hashlib.sha256(b"".join(b"%d:%s" % (len(part), part) for part in coded)).hexdigest()
