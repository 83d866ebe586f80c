"""Ad networks that report clicks and impressions from server to server: the words they fill in for us."""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

# A word that the network did not fill in comes as it was written: {click_id}, {{ad.id}}, __CID__, %%ID%%, [ID], ${ID}.
_UNFILLED = re.compile(r"\{\{?[\w.]+\}?\}|__\w+__|%%\w+%%|\[\w+\]|\$\{\w+\}")


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
    _network("Unity Ads", f"click_id={{gamer_id}} {_OF_UNITY}"),
    _network("Any other", f"click_id={{click_id}} {_USUAL}"),
)


def template(network: Network, address: str) -> str:
    """Return what to give the network: our *address* with its words in it."""
    return f"{address}?{urlencode(network.words, safe='{}_%')}"


def filled(value: str) -> str:
    """Return *value*, or nothing where the network left its word unfilled."""
    return "" if _UNFILLED.fullmatch(value) else value
