"""`manage.py verify_audit`: whether anybody has touched the record."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.compliance import services
from apps.compliance.models import AuditChain, AuditEntry, AuditSeal


class Command(BaseCommand):
    """Compute the hash of every entry anew and compare; exit with an error when one does not fit."""

    help = "Verify that no entry of the record was changed, taken out, put in or cut off at the end."
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Verify, and print the last hash of each chain: kept elsewhere, it proves that nobody made the record anew."""
        found = list(services.verify())
        for words in found:
            self.stderr.write(words)
        if found:
            raise CommandError(f"The record is not whole: {len(found)} places do not fit.")
        for seal in AuditSeal.objects.order_by("organization_id", "pk"):
            self.stdout.write(
                f"chain {seal.organization_id}: entries {seal.first} to {seal.last}, until {seal.until:%Y-%m-%d}, were "
                f"pruned on {seal.made_at:%Y-%m-%d} (kept for {seal.years} years); it goes on from {seal.hash}"
            )
        for head in AuditChain.objects.order_by("chain"):
            self.stdout.write(f"chain {head.chain}: {head.length} entries, {head.hash}")
        self.stdout.write(f"The record is whole: {AuditEntry.objects.count()} entries.")
