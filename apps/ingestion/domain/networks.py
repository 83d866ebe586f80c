"""Ad networks that report clicks and impressions from server to server: the words they fill in for us."""

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import urlencode

# A word that the network did not fill in comes as it was written: {click_id}, {{ad.id}}, __CID__, %%ID%%, [ID], ${ID},
# $id$, #id#, <id>, ((id)); cut off, as some servers cut it; or as the word of a program for nothing.
_NAME = r"[\w.-]+(?: [\w.-]+)*"
_UNFILLED = re.compile(
    rf"\{{+(?:{_NAME})?\}}*|__\w+__|%%{_NAME}%%|\[[\w.-]+\]|\$\{{{_NAME}\}}|\$+\w+\$+|#\w+#|<{_NAME}>|\(\({_NAME}\)\)"
    r"|null|undefined|none|nil|n/a|\(not set\)",
    re.IGNORECASE,
)
_LONGEST_ID, _BEGINNING = 200, 150


@dataclass(frozen=True, slots=True)
class Network:
    """A network's own words (macros) for what we ask: our parameter -> its word. Source: each network's own help."""

    name: str
    words: dict[str, str]


_OF_TIKTOK = "campaign=__CAMPAIGN_NAME__ content=__CID_NAME__ ip=__IP__ ua=__UA__ ts=__TS__ idfa=__IDFA__ gaid=__GAID__"
_OF_UNITY = "campaign={campaign_id} content={creative_pack_id} ip={ip} ua={user_agent} idfa={ifa} gaid={ifa}"
_USUAL = "campaign={campaign} content={creative} ip={ip} ua={user_agent} idfa={idfa} gaid={gaid}"


def _network(name: str, words: str) -> Network:
    return Network(name, dict(word.split("=", 1) for word in words.split()))


NETWORKS = (
    _network("Google Ads", "click_id={gclid} campaign={campaignid} content={creative} term={keyword}"),
    _network("Microsoft Advertising", "click_id={msclkid} campaign={CampaignId} content={AdId} term={QueryString}"),
    _network("TikTok", f"click_id=__CLICKID__ {_OF_TIKTOK}"),
    _network("Yandex Direct", "click_id={logid} campaign={campaign_name} content={ad_id} term={keyword}"),
    _network("Taboola", "click_id={click_id} campaign={campaign_name} content={title}"),
    _network("Outbrain", "click_id={{ob_click_id}} campaign={{campaign_name}} content={{ad_title}}"),
    _network("Mintegral", "click_id={click_id} campaign={uuid} content={creative_name} idfa={idfa} gaid={gaid}"),
    _network("Unity Ads", _OF_UNITY),  # it has no word for the id of a click; {gamer_id} is a device's
    _network("Any other", f"click_id={{click_id}} {_USUAL}"),
)


def template(network: Network, address: str) -> str:
    """Return what to give the network: our *address* with its words in it."""
    return f"{address}?{urlencode(network.words, safe='{}_%')}"


def filled(value: str) -> str:
    """Return *value*, or nothing where the network left its word unfilled."""
    return "" if _UNFILLED.fullmatch(value.strip()) else value


def device_id(*said: str) -> str:
    """Return the first of the ids of a device that is one: zeros stand for a person who does not share it."""
    return next((one for one in said if one and one.strip("0-")), "")


def message_id(said: str, *, is_view: bool) -> str:
    """Return the id of what a network reports by its own id of it; its click and its impression may have the same."""
    if len(said) > _LONGEST_ID:
        said = f"{said[:_BEGINNING]}-{hashlib.blake2b(said.encode(errors='replace'), digest_size=12).hexdigest()}"
    return f"impression-{said}" if is_view else said
