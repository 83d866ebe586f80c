"""The form of an organization's sign-in rules, and of a claimed domain."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import IdentityProvider, SignInRules
from apps.accounts.services import entering
from apps.orgs import api as orgs


class RulesForm(forms.ModelForm):
    """What everybody must show. It refuses what would lock everybody out, whoever saves it included."""

    class Meta:
        model = SignInRules
        fields = ("needs_second_factor", "needs_single_sign_on", "break_glass")
        labels = {
            "needs_second_factor": _("Everybody needs a second factor"),
            "needs_single_sign_on": _("Everybody signs in through single sign-on"),
            "break_glass": _("Emergency owner"),
        }
        help_texts = {
            "needs_second_factor": _("Who has none is asked to add one before entering. Single sign-on counts as one."),
            "needs_single_sign_on": _("Passwords, codes and passkeys no longer open this organization."),
            "break_glass": _("Gets in without single sign-on when the provider fails, with a second factor; all owners"
                             " are told."),
        }  # fmt: skip

    def __init__(self, *args: Any, session: Any, user: Any, provider: IdentityProvider | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self._session, self._user, self._provider = session, user, provider
        field: Any = self.fields["break_glass"]
        field.queryset = orgs.owners_of(self.instance.organization_id)
        field.empty_label = _("Nobody")

    def clean(self) -> dict[str, Any]:
        """Refuse rules under which nobody could enter any more."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("needs_single_sign_on"):
            self._check_single_sign_on(cleaned)
        elif cleaned.get("needs_second_factor") and not self._is_safe(self._user):
            self.add_error("needs_second_factor", _("Add a second factor to your own account first."))
        return cleaned

    def _check_single_sign_on(self, cleaned: dict[str, Any]) -> None:
        if not entering.came_through(self._provider, self._user, self._session):
            self.add_error(
                "needs_single_sign_on", _("Sign in through single sign-on yourself first: that shows that it works.")
            )
        owner = cleaned.get("break_glass")
        if owner is None:
            self.add_error("break_glass", _("Choose an owner who gets in when the provider does not answer."))
        elif not entering.has_second_factor(owner):
            self.add_error("break_glass", _("This owner needs a second factor first."))

    def _is_safe(self, user: Any) -> bool:
        came = entering.came_through(self._provider, user, self._session)
        return came or entering.has_second_factor(user)


class DomainForm(forms.Form):
    """A mail domain to claim."""

    name = forms.CharField(
        label=_("Domain"), max_length=253, help_text=_("What stands behind the @, such as example.org.")
    )
