"""Click identifiers that ad platforms append to a landing page, and what each says about the click."""

from typing import Final, NamedTuple


class ClickIdFacts(NamedTuple):
    """What a click id tells when the address carries no UTM parameters."""

    source: str
    medium: str


# Most telling first: when an address carries several, the first of this table is kept.
# fbclid and igshid are appended to unpaid posts too, so they prove the site and not the payment.
CLICK_IDS: Final[dict[str, ClickIdFacts]] = {
    "gclid": ClickIdFacts("google", "cpc"),
    "gbraid": ClickIdFacts("google", "cpc"),
    "wbraid": ClickIdFacts("google", "cpc"),
    "dclid": ClickIdFacts("google", "display"),
    "msclkid": ClickIdFacts("bing", "cpc"),
    "yclid": ClickIdFacts("yandex", "cpc"),
    "ttclid": ClickIdFacts("tiktok", "cpc"),
    "twclid": ClickIdFacts("twitter", "cpc"),
    "li_fat_id": ClickIdFacts("linkedin", "cpc"),
    "epik": ClickIdFacts("pinterest", "cpc"),
    "sccid": ClickIdFacts("snapchat", "cpc"),
    "rdt_cid": ClickIdFacts("reddit", "cpc"),
    "rb_clickid": ClickIdFacts("vk", "cpc"),
    "qclid": ClickIdFacts("quora", "cpc"),
    "ndclid": ClickIdFacts("nextdoor", "cpc"),
    "tblci": ClickIdFacts("taboola", "cpc"),
    "dicbo": ClickIdFacts("outbrain", "cpc"),
    "cjevent": ClickIdFacts("cj", "affiliate"),
    "irclickid": ClickIdFacts("impact", "affiliate"),
    "awc": ClickIdFacts("awin", "affiliate"),
    "ransiteid": ClickIdFacts("rakuten advertising", "affiliate"),
    "admitad_uid": ClickIdFacts("admitad", "affiliate"),
    "fbclid": ClickIdFacts("facebook", "social"),
    "igshid": ClickIdFacts("instagram", "social"),
    "igsh": ClickIdFacts("instagram", "social"),
    "ysclid": ClickIdFacts("yandex", "organic"),
    "srsltid": ClickIdFacts("google", "organic"),
    "mc_eid": ClickIdFacts("mailchimp", "email"),
    "_kx": ClickIdFacts("klaviyo", "email"),
}

CLICK_ID_RANK: Final[dict[str, int]] = {kind: rank for rank, kind in enumerate(CLICK_IDS)}
