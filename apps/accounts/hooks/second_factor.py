"""Second factors: their secrets are encrypted."""

from allauth.mfa.adapter import DefaultMFAAdapter

from apps.shared import encryption


class SecondFactorAdapter(DefaultMFAAdapter):
    """Encrypts what authenticator apps and recovery codes follow from."""

    def encrypt(self, text: str) -> str:
        """Return *text* as the database may hold it."""
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return what `encrypt` was given."""
        return encryption.decrypt(encrypted_text)

    def _get_site_name(self) -> str:
        return "Tributary"
