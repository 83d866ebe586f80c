"""Links come to be, and the rules of their names."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.ingestion.models import Link, Naming


def create_link(*, property_id: int, made_by: Any, **values: Any) -> Link:
    """Create a link of a property. Raises ValidationError when its address or its destination will not do."""
    link = Link(property_id=property_id, made_by=made_by, **values)
    link.full_clean(exclude=["property", "made_by"])
    try:
        with transaction.atomic():
            link.save()
    except IntegrityError:  # an address may be taken by a link that nobody here can see
        raise ValidationError({"slug": _("This address is taken. Choose another.")}) from None
    return link


def change_naming(*, property_id: int, made_by: Any, **rules: Any) -> Naming:
    """Set how a property names its campaigns."""
    row, _is_new = Naming.objects.update_or_create(property_id=property_id, defaults={**rules, "made_by": made_by})
    return row
