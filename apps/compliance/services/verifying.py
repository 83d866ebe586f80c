"""Whether the record is whole: every hash computed anew."""

import hashlib
from collections.abc import Iterator

from django.db import connection

from apps.compliance.models import AuditChain, AuditEntry, AuditSeal

# The fields in the order of audit_hash() in sql/audit.sql, as PostgreSQL writes them.
_FIELDS = """previous, chain::text, number::text, coalesce(organization_id::text, ''),
    to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), actor_kind, coalesce(actor_id::text, ''),
    actor_name, address, request_id, action, subject, subject_id,
    coalesce(before::text, ''), coalesce(after::text, '')"""
_AT_ONCE = 5000


def verify() -> Iterator[str]:
    """Compute every hash of the record anew and yield, in words, whatever does not fit. Nothing means it is whole.

    Computed here and not by the function of the database that made them, which whoever changes rows could change too.
    What was pruned is covered by its seal: the rest must go on from there, and the chain itself must say so.
    """
    heads = {head.chain: head for head in AuditChain.objects.all()}
    seals = {seal.organization_id: seal for seal in AuditSeal.objects.order_by("pk")}  # the newest of each
    for chain in sorted({*heads, *AuditEntry.objects.order_by().values_list("chain", flat=True).distinct()}):
        yield from _verify_chain(chain, heads.get(chain), seals.get(chain))
        if (seal := seals.get(chain)) and not _is_recorded(seal):
            yield f"chain {chain}: no entry says that entries {seal.first} to {seal.last} were pruned"


def _is_recorded(seal: AuditSeal) -> bool:
    """Tell whether the chain says what *seal* says: the entry about the newest seal is younger than what it ends."""
    rows = AuditEntry.objects.filter(chain=seal.organization_id, subject="compliance_auditseal", action="insert")
    said = rows.filter(subject_id=str(seal.pk)).values_list("after", flat=True).first() or {}
    return (said.get("first"), said.get("last"), said.get("hash")) == (seal.first, seal.last, seal.hash)


def _verify_chain(chain: int, head: AuditChain | None, seal: AuditSeal | None) -> Iterator[str]:
    number, previous = (seal.last, seal.hash) if seal else (0, "")
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
