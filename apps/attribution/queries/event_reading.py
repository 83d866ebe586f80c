"""The rules by which builds and drawings read a property's events, and whether something was made by them."""

import attribution as engine
from apps.attribution.domain.reading import ReadingRules
from apps.attribution.models import Drawing, IdentityVersion, Watermark
from apps.attribution.queries.channel_rules import channel_rules_of
from apps.orgs import api as orgs


def identity_rules_of(property_id: int) -> tuple[engine.IdentityRules, int]:
    """Return a property's rules about ids, and the number of their version (0: none was made)."""
    row = IdentityVersion.objects.filter(property_id=property_id).first()
    return (engine.IdentityRules.of(row.rules), row.version) if row else (engine.IdentityRules(), 0)


def reading_rules(property_id: int) -> ReadingRules:
    """Return what decides how the events of a property become visits and persons."""
    settings = orgs.property_by_id(property_id).rules
    channels = channel_rules_of(property_id)
    identity, version = identity_rules_of(property_id)
    return ReadingRules(
        visit_gap=settings.visit_gap,
        campaign_opens=settings.campaign_opens,
        excluded=tuple(sorted(settings.past_exclusions)),
        identity=identity,
        identity_version=version,
        channel_rules=channels.versions,
        channel_rules_version=channels.version,
    )


def parted_since(made: Watermark | Drawing, rules: ReadingRules) -> frozenset[str] | None:
    """Return the ids that were parted, or may join again, since journeys were made; None when other rules changed too.

    Only what these ids reach must be made again then.
    """
    if was_read_by(made, rules):
        return frozenset()
    said = dict(made.reading or {})
    row = IdentityVersion.objects.filter(property=made.property, version=int(said.get("identity") or 0)).first()
    old = engine.IdentityRules.of(row.rules if row else {})
    said["identity"] = rules.identity_version
    same = (rules.visit_gap, rules.channel_rules_version, rules.stored())
    if (made.visit_gap, made.channel_rules_version, said) != same:
        return None
    if (old.ignored_ids, old.most_users) != (rules.identity.ignored_ids, rules.identity.most_users):
        return None
    return frozenset(key for pair in old.apart ^ rules.identity.apart for key in pair)


def was_read_by(made: Watermark | Drawing, rules: ReadingRules) -> bool:
    """Tell whether journeys or histories were made by these rules."""
    return (made.visit_gap, made.channel_rules_version, made.reading) == (
        rules.visit_gap,
        rules.channel_rules_version,
        rules.stored(),
    )


def note_reading(made: Watermark | Drawing, rules: ReadingRules) -> None:
    """Say on a row that is about to be saved by which rules journeys or histories were made."""
    made.visit_gap, made.channel_rules_version, made.reading = (
        rules.visit_gap,
        rules.channel_rules_version,
        rules.stored(),
    )
