"""Click identifiers that ad platforms append to a landing page, and what each says about the click."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple


class ClickIdFacts(NamedTuple):
    """What a click id tells when the address carries no UTM parameters."""

    source: str
    medium: str


# Most telling first: when an address carries several, the first of this table is kept.
# fbclid and igshid are appended to unpaid posts too, so they prove the site and not the payment.
# gad_source is no id, and is what is left of a click on an ad of Google where the id was taken out.
CLICK_IDS: Final[dict[str, ClickIdFacts]] = {
    "gclid": ClickIdFacts("google", "cpc"),
    "gbraid": ClickIdFacts("google", "cpc"),
    "wbraid": ClickIdFacts("google", "cpc"),
    "dclid": ClickIdFacts("google", "display"),
    "gad_source": ClickIdFacts("google", "cpc"),
    "msclkid": ClickIdFacts("bing", "cpc"),
    "yclid": ClickIdFacts("yandex", "cpc"),
    "ymclid": ClickIdFacts("yandex market", "cpc"),
    "sznclid": ClickIdFacts("seznam", "cpc"),
    "vmcid": ClickIdFacts("yahoo", "cpc"),
    "ttclid": ClickIdFacts("tiktok", "cpc"),
    "twclid": ClickIdFacts("twitter", "cpc"),
    "li_fat_id": ClickIdFacts("linkedin", "cpc"),
    "epik": ClickIdFacts("pinterest", "cpc"),
    "sccid": ClickIdFacts("snapchat", "cpc"),
    "rdt_cid": ClickIdFacts("reddit", "cpc"),
    "rb_clickid": ClickIdFacts("vk", "cpc"),
    "qclid": ClickIdFacts("quora", "cpc"),
    "ndclid": ClickIdFacts("nextdoor", "cpc"),
    "ldtag_cl": ClickIdFacts("line", "cpc"),
    "aleid": ClickIdFacts("applovin", "cpc"),
    "cto_pld": ClickIdFacts("criteo", "cpc"),
    "tblci": ClickIdFacts("taboola", "cpc"),
    "dicbo": ClickIdFacts("outbrain", "cpc"),
    "outbrainclickid": ClickIdFacts("outbrain", "cpc"),
    "cjevent": ClickIdFacts("cj", "affiliate"),
    "irclickid": ClickIdFacts("impact", "affiliate"),
    "awc": ClickIdFacts("awin", "affiliate"),
    "ransiteid": ClickIdFacts("rakuten advertising", "affiliate"),
    "admitad_uid": ClickIdFacts("admitad", "affiliate"),
    "sscid": ClickIdFacts("shareasale", "affiliate"),
    "tduid": ClickIdFacts("tradedoubler", "affiliate"),
    "clickref": ClickIdFacts("partnerize", "affiliate"),
    "fbclid": ClickIdFacts("facebook", "social"),
    "igshid": ClickIdFacts("instagram", "social"),
    "igsh": ClickIdFacts("instagram", "social"),
    "ysclid": ClickIdFacts("yandex", "organic"),
    "srsltid": ClickIdFacts("google", "organic"),
    "mc_eid": ClickIdFacts("mailchimp", "email"),
    "mc_cid": ClickIdFacts("mailchimp", "email"),
    "_kx": ClickIdFacts("klaviyo", "email"),
    "_hsenc": ClickIdFacts("hubspot", "email"),
    "mkt_tok": ClickIdFacts("marketo", "email"),
    "vero_id": ClickIdFacts("vero", "email"),
    "oly_enc_id": ClickIdFacts("omeda", "email"),
    "bsft_clkid": ClickIdFacts("blueshift", "email"),
    "elqtrackid": ClickIdFacts("eloqua", "email"),
}

MOST_CLICK_IDS: Final = 50
_LONGEST_WORD: Final = 60
_PARAMETER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{1,59}")


class BadClickIdError(ValueError):
    """A click id of a property's own makes no sense."""


def checked_click_ids(own: Mapping[str, tuple[str, str]]) -> dict[str, ClickIdFacts]:
    """
    Return a property's own click ids, which stand beside the table or in the place of its lines.

    Parameters
    ----------
    own : mapping
        Name of the parameter (2 to 60 letters, digits, ``_``, ``.`` and ``-``)
        to source and medium, each of 1 to 60 characters. At most 50.

    Raises
    ------
    BadClickIdError
        If one of them is something else.

    Examples
    --------
    >>> checked_click_ids({"netclid": ("AdNet", "cpc")})
    {'netclid': ClickIdFacts(source='adnet', medium='cpc')}
    """
    if len(own) > MOST_CLICK_IDS:
        raise BadClickIdError(f"at most {MOST_CLICK_IDS} click ids")
    found = {}
    for name, words in own.items():
        source, medium = (word.strip().lower() for word in words)
        if not _PARAMETER.fullmatch(name) or name.lower().startswith("utm_"):
            raise BadClickIdError(f"{name!r} cannot be the name of a click id")
        if not all(0 < len(word) <= _LONGEST_WORD and "\x00" not in word for word in (source, medium)):
            raise BadClickIdError(f"{name}: source and medium have 1 to {_LONGEST_WORD} characters")
        found[name] = ClickIdFacts(source, medium)
    return found
