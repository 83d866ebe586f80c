"""Search engines. Facts only: name, then hosts (with a dot) and spellings (without)."""

from typing import Final

_GOOGLE_SUFFIXES: Final = """
com ad ae al am as at az ba be bf bg bi bj bs bt by ca cat cd cf cg ch ci cl cm cn cv cz de dj dk dm dz ee es eu
fi fm fr ga ge gg gl gm gp gr gy hn hr ht hu ie im in iq is it je jo kg ki kz la li lk lt lu lv md me mg mk ml
mn ms mu mv mw ne nl no nr nu pl pn ps pt ro rs ru rw sc se sh si sk sm sn so sr st td tg tk tl tm tn to tt vg
vu ws co.ao co.bw co.ck co.cr co.id co.il co.in co.jp co.ke co.kr co.ls co.ma co.mz co.nz co.th co.tz co.ug
co.uk co.uz co.ve co.vi co.za co.zm co.zw com.af com.ag com.ai com.ar com.au com.bd com.bh com.bn com.bo com.br
com.by com.bz com.co com.cu com.cy com.do com.ec com.eg com.et com.fj com.gh com.gi com.gt com.hk com.jm com.kh
com.kw com.lb com.ly com.mm com.mt com.mx com.my com.na com.ng com.ni com.np com.om com.pa com.pe com.pg com.ph
com.pk com.pr com.py com.qa com.sa com.sb com.sg com.sl com.sv com.tj com.tr com.tw com.ua com.uy com.vc com.vn
"""
_YANDEX_SUFFIXES: Final = """
ru com by kz uz ua az ee fr kg lt lv md tj tm eu net co.il com.tr com.ge com.am com.ua
"""

# Portals: only these very hosts (with or without www. and m.) are the search engine.
SEARCH_PORTALS: Final[dict[str, tuple[str, ...]]] = {
    "google": (
        *(f"google.{suffix}" for suffix in _GOOGLE_SUFFIXES.split()),
        "images.google.com",
        "cse.google.com",
        "lens.google.com",
        "com.google.android.googlequicksearchbox",
        "com.google.android.apps.searchlite",
    ),
    "yandex": (
        *(f"yandex.{suffix}" for suffix in _YANDEX_SUFFIXES.split()),
        "ya.ru",
        "images.yandex.ru",
        "com.yandex.searchapp",
        "ru.yandex.searchplugin",
    ),
    "yahoo": ("yahoo.com", "yahoo.co.jp"),
    "baidu": ("baidu.com", "wap.baidu.com", "image.baidu.com", "com.baidu.searchbox"),
    "naver": ("naver.com", "com.nhn.android.search"),
    "daum": ("daum.net", "search.daum.net"),
    "mail.ru": ("go.mail.ru", "nova.mail.ru"),
    "rambler": ("nova.rambler.ru", "search.rambler.ru", "rambler.ru"),
    "aol": ("aol.com", "search.aol.com", "search.aol.co.uk", "recherche.aol.fr", "suche.aol.de"),
    "msn": ("msn.com", "search.msn.com"),
    "brave": ("search.brave.com",),
    "so.com": ("so.com",),
}

# Sites that are nothing but a search engine: every host below them too.
SEARCH_ENGINES: Final[dict[str, tuple[str, ...]]] = {
    "bing": ("bing.com", "com.microsoft.bing", "microsoft bing", "bingads", "bing ads"),
    "google": ("adwords", "google ads", "googleads", "google-ads", "google search"),
    "yandex": ("yandex.direct", "yandexdirect", "yandex_direct", "ya.direct", "direct.yandex.ru"),
    "baidu": (),
    "yahoo": ("search.yahoo.com", "search.yahoo.co.jp"),
    "naver": ("search.naver.com",),
    "duckduckgo": ("duckduckgo.com", "com.duckduckgo.mobile.android"),
    "ecosia": ("ecosia.org", "com.ecosia.android"),
    "qwant": ("qwant.com", "com.qwant.liberty"),
    "startpage": ("startpage.com", "ixquick.com"),
    "seznam": ("search.seznam.cz", "seznam.cz"),
    "sogou": ("sogou.com",),
    "haosou": ("haosou.com",),
    "360": ("360.cn",),
    "shenma": ("sm.cn",),
    "petal": ("petalsearch.com",),
    "ask": ("ask.com",),
    "coccoc": ("coccoc.com",),
    "mojeek": ("mojeek.com",),
    "swisscows": ("swisscows.com",),
    "metager": ("metager.org", "metager.de"),
    "kagi": ("kagi.com",),
    "presearch": ("presearch.com", "presearch.org"),
    "dogpile": ("dogpile.com",),
    "lycos": ("lycos.com",),
    "onet": ("szukaj.onet.pl",),
    # By their hosts alone: under the plain names they send letters and show ads.
    "suche.web.de": ("suche.web.de",),
    "suche.gmx.net": ("suche.gmx.net",),
    "suche.t-online.de": ("suche.t-online.de",),
    "search.nate.com": ("search.nate.com",),
    "virgilio": ("virgilio.it",),
    "sputnik": ("sputnik.ru",),
    "lukol": ("lukol.com",),
    "gibiru": ("gibiru.com",),
    "yep": ("yep.com",),
    "info.com": ("info.com",),
    "excite": ("excite.com",),
    "webcrawler": ("webcrawler.com",),
    "biglobe": ("search.biglobe.ne.jp",),
    "goo": ("search.goo.ne.jp",),
    "alice": ("alice.com",),
    "search.com": ("search.com",),
    "babylon": ("search.babylon.com",),
    "avg": ("isearch.avg.com",),
}
