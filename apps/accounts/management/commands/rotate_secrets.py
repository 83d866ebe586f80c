"""`manage.py rotate_secrets`: write every secret at rest anew under the first of SECRETS_KEYS."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import models, transaction

from apps.shared import encryption
from apps.shared.encryption import EncryptedTextField

_IN_AUTHENTICATORS = ("secret", "seed")  # what allauth's adapter has encrypted; lists of codes hold one each


class Command(BaseCommand):
    """Reads each secret with whichever key fits and writes it with the newest; then the older keys may go."""

    help = "Encrypt every secret at rest anew under the first of SECRETS_KEYS, after which the other keys may go."
    requires_system_checks = ()

    @transaction.atomic
    def handle(self, *_: Any, **options: Any) -> None:
        """Rotate everything, or nothing when one secret cannot be read."""
        count = sum(self._rotate_model(model) for model in apps.get_models()) + self._rotate_authenticators()
        if options["verbosity"]:
            self.stdout.write(f"{count} secrets are encrypted under the first key.")

    def _rotate_model(self, model: type[models.Model]) -> int:
        fields = [field for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]  # noqa: SLF001
        if not fields:
            return 0
        rows = model._default_manager.all()  # noqa: SLF001
        names = [field.attname for field in fields]
        for row in rows.select_for_update().iterator():
            row.save(update_fields=names)  # reading decrypted it, writing encrypts it
        return rows.count() * len(names)

    def _rotate_authenticators(self) -> int:
        count = 0
        for row in Authenticator.objects.select_for_update().iterator():
            for name in _IN_AUTHENTICATORS:
                if row.data.get(name):
                    row.data[name] = encryption.rotate(row.data[name])
                    count += 1
            if codes := row.data.get("migrated_codes"):
                row.data["migrated_codes"] = [encryption.rotate(code) for code in codes]
            row.save(update_fields=["data"])
        return count
