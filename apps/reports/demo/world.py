"""What the shop is: its campaigns, links, goods and visitors' machines. Plain tables, no code."""

from typing import Final, NamedTuple

DOMAIN: Final = "www.fernweh-outfitters.example"
OWN_CLICK: Final = "tbclid"  # the parameter that our own links add
DAYS: Final = 90
WARM_UP: Final = 30  # days before, which are drawn and thrown away: the shop is not born on the first day
LAUNCH_DAY: Final = 54  # the winter collection begins; its campaigns run for LAUNCH_DAYS
LAUNCH_DAYS: Final = 14


class Origin(NamedTuple):
    """Where a visit comes from, and how likely: among first visits, later ones, and while the launch runs."""

    query: str
    referrer: str
    first: float
    later: float
    launch: float  # factor on both while the launch runs; `first` and `later` of launch campaigns hold only then
    pull: float  # factor on the chance of an order
    link: str = ""  # the visit begins with a click on this link
    click_id: str = ""  # the landing page carries one of these
    only_launch: bool = False

    @property
    def click_kind(self) -> str:
        """The parameter of the click id on the landing page, if any."""
        return OWN_CLICK if self.link else self.click_id


def _utm(source: str, medium: str, campaign: str, **more: str) -> str:
    named = {"source": source, "medium": medium, "campaign": campaign, **more}
    return "&".join(f"utm_{name}={value}" for name, value in named.items())


ORIGINS: Final = (
    Origin("", "", 0.150, 0.300, 1.0, 1.15),
    Origin("", "https://www.google.com/", 0.190, 0.120, 1.0, 0.95),
    Origin("", "https://www.bing.com/", 0.020, 0.012, 1.0, 0.95),
    Origin("", "https://duckduckgo.com/", 0.012, 0.010, 1.0, 0.95),
    Origin(
        _utm("google", "cpc", "brand", term="fernweh"), "https://www.google.com/", 0.050, 0.110, 1.3, 1.7, "", "gclid"
    ),
    Origin(
        _utm("google", "cpc", "nonbrand-backpacks", term="hiking+backpack"),
        "https://www.google.com/",
        0.070,
        0.020,
        1.0,
        0.9,
        "",
        "gclid",
    ),
    Origin(
        _utm("google", "cpc", "nonbrand-tents", term="light+tent"),
        "https://www.google.com/",
        0.045,
        0.012,
        0.9,
        0.8,
        "",
        "gclid",
    ),
    Origin(
        _utm("google", "cpc", "shopping-all-products"), "https://www.google.com/", 0.055, 0.020, 1.0, 1.1, "", "gclid"
    ),
    Origin(_utm("bing", "cpc", "nonbrand-backpacks"), "https://www.bing.com/", 0.014, 0.005, 1.0, 1.0, "", "msclkid"),
    Origin(
        _utm("facebook", "paid_social", "prospecting-outdoor", content="video-a"),
        "https://l.facebook.com/",
        0.070,
        0.012,
        1.0,
        0.55,
        "",
        "fbclid",
    ),
    Origin(
        _utm("facebook", "paid_social", "retargeting-cart", content="carousel"),
        "https://l.facebook.com/",
        0.0,
        0.045,
        1.2,
        1.5,
        "",
        "fbclid",
    ),
    Origin(
        _utm("tiktok", "paid_social", "creators", content="duet"),
        "https://www.tiktok.com/",
        0.035,
        0.006,
        1.0,
        0.4,
        "",
        "ttclid",
    ),
    Origin(_utm("youtube", "cpv", "trail-stories"), "https://www.youtube.com/", 0.014, 0.006, 1.2, 0.6),
    Origin(_utm("dv360", "display", "prospecting-banner"), "", 0.020, 0.012, 1.0, 0.5, "prospecting-banner"),
    Origin(_utm("criteo", "display", "retargeting-banner"), "", 0.0, 0.030, 1.1, 1.3, "retargeting-banner"),
    Origin(_utm("newsletter", "email", "weekly-newsletter"), "", 0.006, 0.110, 1.1, 1.6, "weekly-newsletter"),
    Origin(_utm("crm", "email", "abandoned-cart"), "", 0.0, 0.045, 1.0, 2.4, "abandoned-cart"),
    Origin(
        _utm("awin", "affiliate", "voucher-sites"),
        "https://www.voucher-finder.example/",
        0.030,
        0.030,
        1.0,
        1.9,
        "voucher-sites",
    ),
    Origin(
        _utm("awin", "affiliate", "gear-blogs"),
        "https://www.gear-tested.example/",
        0.028,
        0.008,
        1.0,
        1.0,
        "gear-blogs",
    ),
    Origin("", "https://www.hikers-forum.example/thread/812", 0.026, 0.010, 1.0, 0.9),
    Origin("", "https://www.trail-magazine.example/best-tents", 0.024, 0.006, 1.0, 0.8),
    Origin("", "https://www.instagram.com/", 0.042, 0.022, 1.3, 0.6),
    Origin("", "https://www.reddit.com/r/hiking", 0.014, 0.006, 1.0, 0.7),
    Origin(
        _utm("instagram", "paid_social", "winter-launch", content="story"),
        "https://l.instagram.com/",
        0.240,
        0.060,
        1.0,
        0.9,
        "",
        "fbclid",
        only_launch=True,
    ),
    Origin(_utm("dv360", "display", "winter-launch"), "", 0.060, 0.040, 1.0, 0.7, "winter-launch", only_launch=True),
    Origin(
        _utm("newsletter", "email", "winter-launch"), "", 0.004, 0.160, 1.0, 1.8, "winter-launch-mail", only_launch=True
    ),
    Origin(_utm("firebase", "push", "app-news"), "", 0.0, 0.0, 1.0, 1.3),  # in the app only
)
DIRECT, PUSH = 0, len(ORIGINS) - 1


class TrackedLink(NamedTuple):
    """A link or a pixel that the shop has made: its address, name, and where it leads."""

    slug: str
    name: str
    source: str
    medium: str
    campaign: str
    views: float  # share of the impressions; 0 for links that are only clicked


LINKS: Final = (
    TrackedLink("prospecting-banner", "Banner, new customers", "dv360", "display", "prospecting-banner", 0.45),
    TrackedLink("retargeting-banner", "Banner, left without buying", "criteo", "display", "retargeting-banner", 0.25),
    TrackedLink("winter-launch", "Banner, winter collection", "dv360", "display", "winter-launch", 0.30),
    TrackedLink("weekly-newsletter", "Weekly newsletter", "newsletter", "email", "weekly-newsletter", 0.0),
    TrackedLink("winter-launch-mail", "Winter collection mail", "newsletter", "email", "winter-launch", 0.0),
    TrackedLink("abandoned-cart", "Cart reminder", "crm", "email", "abandoned-cart", 0.0),
    TrackedLink("voucher-sites", "Voucher sites", "awin", "affiliate", "voucher-sites", 0.0),
    TrackedLink("gear-blogs", "Gear blogs", "awin", "affiliate", "gear-blogs", 0.0),
)

_GOODS: Final = {
    "backpacks": (("Day pack 18", 59), ("Trail pack 32", 119), ("Trek pack 55", 189), ("Hip bag", 29)),
    "tents": (("Solo tent", 249), ("Duo tent", 379), ("Family tent", 549), ("Tarp 3x3", 89)),
    "sleeping": (("Summer bag", 99), ("Winter bag", 279), ("Foam mat", 35), ("Air mat", 129)),
    "footwear": (("Trail runner", 129), ("Hiking boot", 199), ("Camp sandal", 49), ("Wool socks", 19)),
    "clothing": (("Rain shell", 179), ("Fleece", 79), ("Down jacket", 229), ("Base layer", 55), ("Beanie", 25)),
    "cooking": (("Gas stove", 45), ("Titanium pot", 59), ("Spork", 9), ("Water filter", 69)),
    "lights": (("Head lamp", 49), ("Camp lantern", 39)),
    "winter": (("Snowshoes", 169), ("Ice grips", 39), ("Insulated boot", 219), ("Hand warmer", 15)),
}


class Good(NamedTuple):
    """Something to buy, priced in whole euros."""

    sku: str
    name: str
    category: str
    price: int


GOODS: Final = tuple(
    Good(f"FW-{100 + 10 * row + place}", name, category, price)
    for row, (category, goods) in enumerate(_GOODS.items())
    for place, (name, price) in enumerate(goods)
)
CATEGORIES: Final = tuple(_GOODS)


class Page(NamedTuple):
    """A page of the shop."""

    path: str
    name: str
    title: str


HOME, CART, CHECKOUT, THANKS = 0, 1, 2, 3
PAGES: Final = (
    Page("/", "Home", "Fernweh Outfitters"),
    Page("/cart", "Cart", "Your cart"),
    Page("/checkout", "Checkout", "Checkout"),
    Page("/thanks", "Thanks", "Thank you"),
    Page("/account", "Account", "Your account"),
    Page("/winter", "Winter collection", "The winter collection"),
    *(Page(f"/c/{category}", "Category", category.capitalize()) for category in CATEGORIES),
    *(Page(f"/p/{good.sku.lower()}", "Product", good.name) for good in GOODS),
)
FIRST_CATEGORY: Final = 6
FIRST_PRODUCT: Final = FIRST_CATEGORY + len(CATEGORIES)

# country, language, share, currency
COUNTRIES: Final = (
    ("DE", "de-DE", 0.640),
    ("AT", "de-AT", 0.120),
    ("CH", "de-CH", 0.070),
    ("NL", "nl-NL", 0.060),
    ("PL", "pl-PL", 0.045),
    ("FR", "fr-FR", 0.035),
    ("GB", "en-GB", 0.020),
    ("US", "en-US", 0.010),
)
SWISS: Final = 2  # pays in francs


class Machine(NamedTuple):
    """A kind of device with its share among web visitors."""

    device: str
    os: str
    browser: str
    share: float


MACHINES: Final = (
    Machine("mobile", "iOS", "Safari", 0.300),
    Machine("mobile", "Android", "Chrome", 0.270),
    Machine("mobile", "Android", "Samsung Internet", 0.040),
    Machine("tablet", "iOS", "Safari", 0.045),
    Machine("desktop", "Windows", "Chrome", 0.155),
    Machine("desktop", "Windows", "Edge", 0.060),
    Machine("desktop", "Windows", "Firefox", 0.035),
    Machine("desktop", "macOS", "Safari", 0.055),
    Machine("desktop", "macOS", "Chrome", 0.025),
    Machine("desktop", "Linux", "Firefox", 0.015),
    Machine("mobile", "iOS", "", 0.0),  # the shop's own app
)
APP: Final = len(MACHINES) - 1
