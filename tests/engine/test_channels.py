"""Default channel groups, by the published definitions of GA4 (Google Analytics help, answer 9756891)."""

import pytest

import attribution as engine

C = engine.Channel


@pytest.mark.parametrize(
    ("source", "medium", "campaign", "expected"),
    [
        ("(direct)", "(none)", "", C.DIRECT),
        ("(direct)", "(not set)", "", C.DIRECT),
        ("", "", "", C.DIRECT),
        ("google", "cpc", "EU Cross-network 1", C.CROSS_NETWORK),
        ("amazon", "cpc", "", C.PAID_SHOPPING),
        ("google", "cpc", "spring_shopping", C.PAID_SHOPPING),
        ("google", "cpc", "shop-sale", C.PAID_SHOPPING),
        ("google", "cpc", "workshop", C.PAID_SEARCH),
        ("google", "cpc", "bishop", C.PAID_SEARCH),
        ("google", "cpc", "eshop", C.PAID_SHOPPING),
        ("google", "cpc", "", C.PAID_SEARCH),
        ("Google", "CPC", "", C.PAID_SEARCH),
        ("yandex", "ppc", "", C.PAID_SEARCH),
        ("bing", "retargeting", "", C.PAID_SEARCH),
        ("facebook", "paid_social", "", C.PAID_SOCIAL),
        ("vk.com", "cpm", "", C.PAID_SOCIAL),
        ("youtube.com", "cpv-cpc", "", C.PAID_VIDEO),
        ("news.example", "cpm", "", C.DISPLAY),
        ("news.example", "banner", "", C.DISPLAY),
        ("news.example", "interstitial", "", C.DISPLAY),
        ("news.example", "cpc", "", C.PAID_OTHER),
        ("news.example", "paid", "", C.PAID_OTHER),
        ("etsy.com", "referral", "", C.ORGANIC_SHOPPING),
        ("news.example", "referral", "autumn shopping", C.ORGANIC_SHOPPING),
        ("facebook", "social", "", C.ORGANIC_SOCIAL),
        ("m.facebook.com", "referral", "", C.ORGANIC_SOCIAL),
        ("anything", "sm", "", C.ORGANIC_SOCIAL),
        ("youtube.com", "referral", "", C.ORGANIC_VIDEO),
        ("anything", "video-feed", "", C.ORGANIC_VIDEO),
        ("google", "organic", "", C.ORGANIC_SEARCH),
        ("anything", "organic", "", C.ORGANIC_SEARCH),
        ("blog.example", "referral", "", C.REFERRAL),
        ("anything", "app", "", C.REFERRAL),
        ("newsletter", "email", "", C.EMAIL),
        ("e-mail", "weekly", "", C.EMAIL),
        ("partner", "affiliate", "", C.AFFILIATES),
        ("podcast", "audio", "", C.AUDIO),
        ("sms", "blast", "", C.SMS),
        ("anything", "SMS", "", C.SMS),
        ("anything", "webpush", "", C.MOBILE_PUSH),
        ("anything", "mobile-app", "", C.MOBILE_PUSH),
        ("firebase", "x", "", C.MOBILE_PUSH),
        ("anything", "colour", "", C.UNASSIGNED),
        ("(not set)", "(not set)", "x", C.UNASSIGNED),
        ("metafacebook", "cpc", "", C.PAID_OTHER),
        ("googleplex", "x", "", C.UNASSIGNED),
    ],
)
def test_channel_by_the_published_definition(source: str, medium: str, campaign: str, expected: C) -> None:
    assert engine.classify_channel(source=source, medium=medium, campaign=campaign) is expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("gclid", C.PAID_SEARCH),
        ("dclid", C.DISPLAY),
        ("msclkid", C.PAID_SEARCH),
        ("ttclid", C.PAID_SOCIAL),
        ("li_fat_id", C.PAID_SOCIAL),
        ("fbclid", C.ORGANIC_SOCIAL),
        ("tblci", C.PAID_OTHER),
        ("awc", C.AFFILIATES),
        ("mc_eid", C.EMAIL),
        ("ysclid", C.ORGANIC_SEARCH),
        ("unheard_of", C.DIRECT),
    ],
)
def test_click_id_alone_names_a_channel(kind: str, expected: C) -> None:
    assert engine.classify_channel(source="", medium="", click_id_kind=kind) is expected


def test_every_click_id_is_found_in_an_address_and_has_a_channel() -> None:
    for kind in engine.CLICK_IDS:
        found = engine.traffic_source(url=f"https://a.example/?{kind.upper()}=1")

        assert found.click_id_kind == kind
        channel = engine.classify_channel(source=found.source, medium=found.medium)
        assert channel not in {C.UNASSIGNED, C.DIRECT}
        assert channel is engine.classify_channel(source="", medium="", click_id_kind=kind)


def test_referrer_alone_names_a_channel() -> None:
    hosts = {"www.google.com": C.ORGANIC_SEARCH, "ok.ru": C.ORGANIC_SOCIAL, "blog.example": C.REFERRAL}

    for host, expected in hosts.items():
        assert engine.classify_channel(source="", medium="", referrer_host=host) is expected


def test_channel_names_are_those_of_ga4() -> None:
    assert len(engine.Channel) == 19
    assert str(C.MOBILE_PUSH) == "Mobile Push Notifications"


# A part of the list "sources and categories" beside the published definitions, of each category and kind of name.
PUBLISHED_SOURCES = {
    C.ORGANIC_SEARCH: """360.cn alice aol ask auone avg babylon baidu biglobe.ne.jp bing centrum.cz cnn comcast conduit
        daum.net dogpile ecosia.org eniro espanol.search.yahoo.com exalead.com excite.com firmy.cz globo go.mail.ru
        google-play googlemybusiness incredimail kvasir lite.qwant.com msn najdi news.google.com ntp.msn.com onet.pl
        qwant.com rakuten websearch.rakuten.co.jp rambler search-results search.google.com search.smt.docomo.ne.jp
        seznam.cz sogou.com startsiden.no suche.aol.de terra tut.by virgilio yahoo.co.jp yandex.com.tr zen.yandex.ru""",
    C.ORGANIC_SHOPPING: """aax.amazon-adsystem.com alibaba amazon.co.uk apps.shopify.com checkout.stripe.com
        cr.shopping.naver.com ebay.de etsy igshopping mercadolibre.com.mx m.shopping.naver.com nl.shopping.net
        one.walmart.com s3.amazonaws.com shop.app shopping.yahoo.co.jp shopzilla simplycodes.com stripe walmart.com""",
    C.ORGANIC_VIDEO: """blog.twitch.tv crackle curiositystream.com d.tube dailymotion disneyplus fast.wistia.net hulu
        iq.com justin.tv m.youtube.com music.youtube.com netflix player.vimeo.com ted utreon veoh vimeo youku""",
    C.ORGANIC_SOCIAL: """43things 51.com academia.edu answers.yahoo.com askubuntu.com b.hatena.ne.jp badoo bit.ly
        blog.naver.com cafe.naver.com digg.com disqus facebook fb flipboard.com foursquare getpocket.com glassdoor
        goodreads google+ groups.google.com hi5 houzz.com ig kakao l.instagram.com lm.facebook.com line lnkd.in
        medium.com meetup.com messages.google.com mixi.jp nextdoor.com nicovideo.jp news.ycombinator.com
        odnoklassniki.ua okwave.jp out.reddit.com pinterest.co.kr plus.google.com qzone.qq.com quora researchgate.net
        scribd serverfault.com sites.google.com skype snapchat stackoverflow t.co t.me tiktok tinyurl.com tripadvisor
        tumblr twitter vk.com wechat weibo.com whatsapp wordpress.org xing yammer.com yelp.co.uk zalo zoo.gr""",
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [(source, channel) for channel, sources in PUBLISHED_SOURCES.items() for source in sources.split()],
)
def test_source_of_the_published_list_is_of_its_category(source: str, expected: engine.Channel) -> None:
    assert engine.classify_channel(source=source, medium="referral") is expected


def test_published_hosts_stand_for_themselves_and_share_the_name_of_their_site() -> None:
    assert engine.classify_channel(source="bucket.s3.amazonaws.com", medium="referral") is C.REFERRAL
    assert engine.classify_channel(source="mail.google.com", medium="referral") is C.REFERRAL
    assert engine.traffic_source(referrer="https://www.glassdoor.com/Reviews")[:2] == ("glassdoor", "social")


@pytest.mark.parametrize(
    ("referrer", "source", "expected"),
    [
        ("https://r.search.yahoo.com/_ylt=A0/RU=https", "yahoo", C.ORGANIC_SEARCH),  # where its results lead through
        ("https://images.search.yahoo.com/search", "yahoo", C.ORGANIC_SEARCH),
        ("https://image.search.naver.com/", "naver", C.ORGANIC_SEARCH),
        ("https://lens.google.com/", "google", C.ORGANIC_SEARCH),
        ("https://suche.web.de/web", "suche.web.de", C.ORGANIC_SEARCH),
        ("android-app://com.microsoft.bing/", "bing", C.ORGANIC_SEARCH),
        ("android-app://com.baidu.searchbox/", "baidu", C.ORGANIC_SEARCH),
        ("https://l.wl.co/l?u=https", "whatsapp", C.ORGANIC_SOCIAL),
        ("android-app://com.facebook.lite/", "facebook", C.ORGANIC_SOCIAL),
        ("android-app://com.whatsapp.w4b/", "whatsapp", C.ORGANIC_SOCIAL),
        ("android-app://com.tencent.mm/", "wechat", C.ORGANIC_SOCIAL),
        ("android-app://org.telegram.messenger.web/", "telegram", C.ORGANIC_SOCIAL),
        ("android-app://xyz.blueskyweb.app/", "bluesky", C.ORGANIC_SOCIAL),
        ("https://tieba.baidu.com/p/1", "tieba", C.ORGANIC_SOCIAL),
        ("https://finance.yahoo.com/", "finance.yahoo.com", C.REFERRAL),
    ],
)
def test_ways_out_of_engines_and_networks_are_theirs(referrer: str, source: str, expected: engine.Channel) -> None:
    found = engine.traffic_source(referrer=referrer)

    assert found.source == source
    assert engine.classify_channel(source=found.source, medium=found.medium) is expected


def test_portals_that_search_beside_their_mail_are_no_engines_under_their_names() -> None:
    """Their letters and banners carry these names."""
    assert engine.classify_channel(source="web.de", medium="email") is C.EMAIL
    assert engine.classify_channel(source="gmx", medium="email") is C.EMAIL
