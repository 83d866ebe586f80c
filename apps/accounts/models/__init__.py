"""What an organization has settled about signing in."""

from apps.accounts.models.provisioning import ProvisionedGroup, ProvisionedPerson, ProvisioningToken
from apps.accounts.models.sign_in import Domain, IdentityProvider, SignInRules

__all__ = [
    "Domain",
    "IdentityProvider",
    "ProvisionedGroup",
    "ProvisionedPerson",
    "ProvisioningToken",
    "SignInRules",
]
