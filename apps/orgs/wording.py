"""Words about the rules of a property that several pages show."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# In the order in which pages offer them. A test compares the names with the methods that attribution knows.
METHOD_TITLES: dict[str, str | Promise] = {
    "last_non_direct": _("Last non-direct"),
    "last_touch": _("Last touch"),
    "first_touch": _("First touch"),
    "last_paid_click": _("Last paid click"),
    "linear": _("Linear"),
    "linear_distinct": _("Linear by channel"),
    "position_based": _("Position based"),
    "w_shaped": _("W-shaped"),
    "time_decay": _("Time decay"),
}
