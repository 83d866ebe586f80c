"""Changing what an organization asks of everybody, and telling its owners."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from apps.accounts.models import SignInRules
from apps.orgs import api as orgs
from apps.shared import behalf, mail


def save_rules(*, rules: SignInRules, changed: Iterable[str], made_by: Any, url: str) -> None:
    """Store *rules*; when a field *changed*, tell every owner what holds now, whoever changed it."""
    rules.save()
    lines = [_line(rules, name) for name in changed]
    if not lines:
        return
    context = {
        "organization": rules.organization.name,
        "person": made_by.email,
        "changes": "\n\n".join(lines),
        "url": url,
    }
    for owner in orgs.owners_of(rules.organization_id):
        mail.send("sign_in_rules_changed", to=owner.email, context=context)


def _line(rules: SignInRules, name: str) -> str:
    value = getattr(rules, name)
    said = (_("yes") if value else _("no")) if isinstance(value, bool) else str(value or _("nobody"))
    return f"{SignInRules._meta.get_field(name).verbose_name}: {said}"  # type: ignore[union-attr]  # noqa: SLF001


@behalf.as_system
def tell_of_emergency(*, rules: SignInRules, person: Any) -> None:
    """Tell every owner that the emergency owner came in around single sign-on."""
    context = {"person": person.email, "organization": rules.organization.name}
    for owner in orgs.owners_of(rules.organization_id):
        mail.send("break_glass_used", to=owner.email, context=context)
