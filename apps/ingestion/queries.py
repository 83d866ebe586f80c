"""Answers about links, limits and consent."""

from django.db.models import QuerySet

from apps.compliance.api import DEFAULT_RULES, Consent, ConsentRules
from apps.ingestion.domain.app_files import AppFiles
from apps.ingestion.domain.limits import Limit
from apps.ingestion.domain.links import LinkInfo
from apps.ingestion.domain.naming import NamingRules
from apps.ingestion.models import (
    AppSite,
    ConsentVersion,
    FileImport,
    Link,
    LinkVersion,
    Naming,
    RememberedConsent,
    StreamLimit,
)
from apps.shared import regions


def link_by_slug(slug: str) -> LinkInfo | None:
    """Return the active link at *slug*, or None."""
    row = Link.objects.select_related("property").filter(slug=slug, is_active=True).first()
    return None if row is None else link_info(row)


def link_info(row: Link) -> LinkInfo:
    """Return *row* as the value that the door works with."""
    return LinkInfo(
        id=row.pk,
        property_id=row.property_id,
        slug=row.slug,
        destination=row.destination,
        source=row.source,
        medium=row.medium,
        campaign=row.campaign,
        term=row.term,
        content=row.content,
        ios_destination=row.ios_destination,
        android_destination=row.android_destination,
        deep_link=row.deep_link,
        version=row.version,
        region=row.property.region,
        organization_id=row.property.organization_id,
    )


def imports_of(property_id: int) -> QuerySet[FileImport]:
    """Return the imports of files of a property, newest first, without the files and the reports."""
    rows = FileImport.objects.filter(property_id=property_id).select_related("made_by", "work")
    return rows.defer("work__content", "work__report")


def links_of(*, property_id: int) -> QuerySet[Link]:
    """Return the links of a property, newest first."""
    return Link.objects.filter(property_id=property_id)


def link_versions(row: Link) -> QuerySet[LinkVersion]:
    """Return what a link said before and says now, newest first; a link that was never changed has none."""
    return LinkVersion.objects.filter(link=row).select_related("made_by")


def app_files(domain: str) -> AppFiles | None:
    """Return the apps of a domain, or None."""
    row = AppSite.objects.select_related("property").filter(domain=domain).first()
    if row is None:
        return None
    owner = row.property.organization_id
    return AppFiles(tuple(row.ios_apps), row.android_package, tuple(row.android_fingerprints), owner)


def app_site_of(property_id: int) -> AppSite:
    """Return the apps of a property; new ones where nobody has named any."""
    return AppSite.objects.filter(property_id=property_id).first() or AppSite(property_id=property_id)


def link_domain(property_id: int) -> str:
    """Return the domain at which a property shares its links; empty where it has none of its own."""
    return AppSite.objects.filter(property_id=property_id).values_list("domain", flat=True).first() or ""


def naming_of(property_id: int) -> Naming:
    """Return the naming of a property; one that allows everything where nobody has made any."""
    return Naming.objects.filter(property_id=property_id).first() or Naming(property_id=property_id)


def naming_rules(property_id: int) -> NamingRules:
    """Return how a property names its campaigns."""
    row = Naming.objects.filter(property_id=property_id).first()
    if row is None:
        return NamingRules()
    return NamingRules(row.is_lower, row.joint, tuple(row.sources), tuple(row.mediums), row.campaign_pattern)


def limit_of(stream_id: int) -> Limit | None:
    """Return how much a stream may send, or None where nobody set a limit."""
    row = StreamLimit.objects.filter(stream_id=stream_id).first()
    return None if row is None else Limit(row.per_second, row.burst)


def limits_of(property_id: int) -> dict[int, Limit]:
    """Return the limits of a property's streams, by stream."""
    rows = StreamLimit.objects.filter(stream__property_id=property_id)
    return {row.stream_id: Limit(row.per_second, row.burst) for row in rows}


def consent_versions(property_id: int) -> QuerySet[ConsentVersion]:
    """Return the versions of what a property asks of people, newest first."""
    return ConsentVersion.objects.filter(property_id=property_id).select_related("made_by")


def consent_rules(property_id: int) -> ConsentRules:
    """Return what a property asks of people before it measures them."""
    row = ConsentVersion.objects.filter(property_id=property_id).first()
    if row is None:
        return DEFAULT_RULES
    return ConsentRules(row.version, row.asks_everywhere, frozenset(row.asks_in), row.hears_signal, row.tcf_months)


def remembers_consent(property_id: int) -> bool:
    """Tell whether anybody's word on consent is kept for a property."""
    return _consents_of(property_id).exists()


def _consents_of(property_id: int) -> QuerySet[RememberedConsent]:
    """Return the words on consent of a property, where its region keeps them."""
    place = regions.stores(regions.of_property(property_id)).consent
    return RememberedConsent.objects.using(place).filter(property_id=property_id)


def remembered_consents(property_id: int, keys: set[int]) -> dict[int, Consent]:
    """Return what the persons behind *keys* said last."""
    rows = _consents_of(property_id).filter(key__in=keys).values_list("key", "is_granted", "is_for_ads")
    agreed = {True: Consent.GRANTED, False: Consent.MEASUREMENT}
    return {key: agreed[is_for_ads] if is_granted else Consent.DENIED for key, is_granted, is_for_ads in rows}
