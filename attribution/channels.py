"""Channel, and the rules that put a source, medium and campaign into one."""

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final

from attribution.click_ids import CLICK_IDS
from attribution.sites import Site, find_site


class Channel(StrEnum):
    """The default channel groups, named as GA4 names them."""

    DIRECT = "Direct"
    CROSS_NETWORK = "Cross-network"
    PAID_SHOPPING = "Paid Shopping"
    PAID_SEARCH = "Paid Search"
    PAID_SOCIAL = "Paid Social"
    PAID_VIDEO = "Paid Video"
    DISPLAY = "Display"
    PAID_OTHER = "Paid Other"
    ORGANIC_SHOPPING = "Organic Shopping"
    ORGANIC_SOCIAL = "Organic Social"
    ORGANIC_VIDEO = "Organic Video"
    ORGANIC_SEARCH = "Organic Search"
    REFERRAL = "Referral"
    EMAIL = "Email"
    AFFILIATES = "Affiliates"
    AUDIO = "Audio"
    SMS = "SMS"
    MOBILE_PUSH = "Mobile Push Notifications"
    UNASSIGNED = "Unassigned"


# The groups whose own rule asks for a paid medium (or a paid network).
PAID_CHANNELS: Final[tuple[Channel, ...]] = (
    Channel.CROSS_NETWORK,
    Channel.PAID_SHOPPING,
    Channel.PAID_SEARCH,
    Channel.PAID_SOCIAL,
    Channel.PAID_VIDEO,
    Channel.DISPLAY,
    Channel.PAID_OTHER,
)

_PAID_MEDIUM: Final = re.compile(r".*cp.*|ppc|retargeting|paid.*", re.DOTALL)
_SHOP_CAMPAIGN: Final = re.compile(r"(?:[^a-df-z]|^)shop|shopping")
_PUSH_MEDIUM: Final = re.compile(r"push$|mobile|notification")
_EMAIL: Final = frozenset({"email", "e-mail", "e_mail", "e mail"})
_DISPLAY: Final = frozenset({"display", "banner", "expandable", "interstitial", "cpm"})
_SOCIAL: Final = frozenset({"social", "social-network", "social-media", "sm", "social network", "social media"})
_REFERRAL: Final = frozenset({"referral", "app", "link"})
_NOTHING: Final = frozenset({"", "(none)", "(not set)"})
_PAID_BY_SITE: Final = {"search": Channel.PAID_SEARCH, "social": Channel.PAID_SOCIAL, "video": Channel.PAID_VIDEO}


def classify_channel(
    *, source: str, medium: str, campaign: str = "", click_id_kind: str = "", referrer_host: str = ""
) -> Channel:
    """
    Return the default channel group of one touch.

    The rules are read from top to bottom and the first that holds wins.
    Source and medium decide; a click id, then the referrer, speak only where
    both of them are empty.

    Parameters
    ----------
    source, medium, campaign : str
        As sent (``utm_source`` and so on) or as `traffic_source` found them.
        Empty means not given. Case does not matter.
    click_id_kind : str
        Name of the click id on the landing page, such as ``gclid``.
    referrer_host : str
        Host of an external referrer.

    Returns
    -------
    Channel
        `Channel.UNASSIGNED` when something was given and no rule holds.

    Notes
    -----
    Cached; a repeated touch costs a dictionary lookup.

    References
    ----------
    Google Analytics help, "[GA4] Default channel group" (answer 9756891),
    definitions for manual traffic.

    Examples
    --------
    >>> str(classify_channel(source="google", medium="cpc"))
    'Paid Search'
    >>> str(classify_channel(source="", medium="", click_id_kind="ttclid"))
    'Paid Social'
    >>> str(classify_channel(source="partner", medium="colour"))
    'Unassigned'
    """
    return _classify(source, medium, campaign, click_id_kind, referrer_host)


@lru_cache(maxsize=65_536)
def _classify(source: str, medium: str, campaign: str, click_id_kind: str, referrer_host: str) -> Channel:
    source, medium, campaign = (text.strip().lower() for text in (source, medium, campaign))
    if not source and not medium:
        source, medium = _implied(click_id_kind.strip().lower(), referrer_host, bool(campaign))
    if source in {"(direct)", "direct"} and medium in _NOTHING:
        return Channel.DIRECT
    if "cross-network" in campaign:
        return Channel.CROSS_NETWORK
    site = find_site(source)
    if _PAID_MEDIUM.fullmatch(medium):
        return _paid(site, medium, campaign)
    if medium in _DISPLAY:
        return Channel.DISPLAY
    return _unpaid(site, source, medium, campaign)


def _implied(click_id_kind: str, referrer_host: str, has_campaign: bool) -> tuple[str, str]:
    """Return the source and medium that the rest of the evidence implies."""
    if click_id_kind in CLICK_IDS:
        return CLICK_IDS[click_id_kind]
    if referrer_host:
        site = find_site(referrer_host)
        return (site.name if site else referrer_host), "referral"
    return ("", "") if has_campaign else ("(direct)", "(none)")


def _paid(site: Site | None, medium: str, campaign: str) -> Channel:
    if (site and site.kind == "shopping") or _SHOP_CAMPAIGN.search(campaign):
        return Channel.PAID_SHOPPING
    if site:
        return _PAID_BY_SITE[site.kind]
    return Channel.DISPLAY if medium in _DISPLAY else Channel.PAID_OTHER


def _unpaid(site: Site | None, source: str, medium: str, campaign: str) -> Channel:
    kind = site.kind if site else ""
    rules = (
        (kind == "shopping" or _SHOP_CAMPAIGN.search(campaign), Channel.ORGANIC_SHOPPING),
        (kind == "social" or medium in _SOCIAL, Channel.ORGANIC_SOCIAL),
        (kind == "video" or "video" in medium, Channel.ORGANIC_VIDEO),
        (kind == "search" or medium == "organic", Channel.ORGANIC_SEARCH),
        (medium in _REFERRAL, Channel.REFERRAL),
        (source in _EMAIL or medium in _EMAIL, Channel.EMAIL),
        (medium == "affiliate", Channel.AFFILIATES),
        (medium == "audio", Channel.AUDIO),
        ("sms" in (source, medium), Channel.SMS),
        (_PUSH_MEDIUM.search(medium) or source == "firebase", Channel.MOBILE_PUSH),
    )
    return next((channel for holds, channel in rules if holds), Channel.UNASSIGNED)
