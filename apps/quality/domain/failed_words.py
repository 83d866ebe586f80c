"""What is wrong with a value, and how an event left quarantine, as pages have it translated: see `testing.words`."""

from apps.quality.domain.marked import _

OF_VALUES = (
    _("is missing"),
    _("is new"),
    _("is %(value)s, none of the %(count)s values"),
    _("is %(value)s, not within %(low)s to %(high)s"),
    _("is %(value)s, which does not match"),
    _("is %(value)s, which was not seen before"),
    _("is %(value)s, a %(kind)s, not %(types)s"),
    _("is %(value)s, not %(types)s"),
)
OF_RELEASES = (
    _("Release %(number)s by %(who)s: %(detail)s"),
    _("Release %(number)s by %(who)s."),
)
