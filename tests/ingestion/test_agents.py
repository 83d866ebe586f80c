"""Who asks for a link: a person in whatever app, or a program that looks ahead for one."""

import pytest

from apps.ingestion.domain import agents

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
COLOR_OS = "Mozilla/5.0 (Linux; Android 15; {} Build/AP3A.240617.008; wv) AppleWebKit/537.36 Chrome/141.0 Mobile {}"
ROBOT = "Mozilla/5.0 (Linux; Android 13; {}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/112.0 Mobile Safari/537.36"


@pytest.mark.parametrize(
    "user_agent",
    [
        "WhatsApp/2.23.20.0 A",
        "WhatsApp/2.2413.51 W",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "Mozilla/5.0 (Macintosh) AppleWebKit/601.2.4 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
        "TelegramBot (like TwitterBot)",
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
        "LinkedInBot/1.0 (compatible; Mozilla/5.0)",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
        "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
        "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0)",
        "Pinterestbot/1.0",
        "Bluesky Cardyb/1.1; +mailto:support@bsky.app",
        "facebookexternalhit/1.1; kakaotalk-scrap/1.0; +https://devtalk.kakao.com",
        "kakaotalk-scrap/1.0",
        "line-poker/1.0",
        "Mozilla/5.0 (compatible; YandexBot/3.0)",
        "Barracuda Sentinel (EE)",
        "Mozilla/5.0 (compatible; Trello link preview)",
        "Notionbot",
        "Java/17.0.1",
        "python-requests/2.31.0",
        "undici",
        "node",
        "Ruby",
        "Faraday v2.9.0",
        "reqwest/0.12",
        "GuzzleHttp/7",
        "Java-http-client/17.0.9",
        "Deno/1.40",
        "Bun/1.1",
        "PostmanRuntime/7.39.0",
        "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.1682",
        "Mozilla/5.0 (compatible; OutbrainBot)",
        "Mozilla/5.0 (compatible; ZaloBot)",
        "Nextdoor-Bot",
        "Mozilla/5.0 ZoomLinkPreview/1.0",
        "NotionEmbedder",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; ms-teams) SkypeSpaces/1.0a$*+",
        "Mozilla/5.0 (compatible; proofpoint URL Defense)",
        "Datadog/Synthetics",
        "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
        "Viber",
        "Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)",
        "Mozilla/5.0 (compatible; Sonic/1.0; http://www.yama.info.waseda.ac.jp/~crawler/info.html)",
        "Mozilla/5.0 (Linux; Android 8.0; Pixel 2 Build/OPD3.170816.012; Storebot-Google/1.0) AppleWebKit/537.36",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko; Google-Ads-Qualify)Chrome/85.0",
        "Mozilla/5.0 (compatible; VSMCrawler; http://www.visualsitemapper.com/crawler/)",
        "Mozilla/5.0 (compatible; DomainExtractor/1.0)",
        "Amazon-Route53-Health-Check-Service (ref b0eb; report http://amzn.to/1vsZADi)",
        "Yahoo:LinkExpander:Slingstone",
        "facebookplatform/1.0 (+http://developers.facebook.com)",
        "ShopWiki/1.0 ( +http://www.shopwiki.com/wiki/Help:Bot)",
    ],
)
def test_programs_that_look_ahead_are_told_from_people(user_agent: str) -> None:
    assert agents.is_bot(user_agent)


@pytest.mark.parametrize(
    "user_agent",
    [
        "",
        PHONE,
        f"{PHONE} [FBAN/FBIOS;FBAV/440.0.0;FBDV/iPhone14,5]",
        f"{PHONE} Instagram 300.0.0.0",
        f"{PHONE} LinkedInApp",
        f"{PHONE} [Pinterest/iOS]",
        f"{PHONE} Twitter for iPhone/10.1",
        f"{PHONE} WhatsApp/2.23.20.0",
        ROBOT.format("CUBOT NOTE 20"),
        ROBOT.format("CUBOT_X18 Build/CUBOT"),
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Slack/4.35 Chrome/120 Electron/28",
        "Shop/7 CFNetwork/3826.600.41 Darwin/24.6.0",
        "Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/UQ1A)",
        "Dart/3.3 (dart:io)",
        ROBOT.format("Nodebook 7"),
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Teams/1.6 Electron/28 Safari",
        COLOR_OS.format("CPH2581", "Safari/537.36 [FB_IAB/FB4A;FBAV/569.0.0.42.72;IABMV/1;]"),
        COLOR_OS.format("RMX5131", "Safari/537.36 Instagram 406.0.0.58.159 Android (35/15; 480dpi; OPPO; CPH2557)"),
        "com.zhiliaoapp.musically/2024 (Linux; U; Android 15; en_US; CPH2581; Build/AP3A.240617.008;tt-ok/3.12)",
        "Dalvik/2.1.0 (Linux; U; Android 15; CPH2581 Build/AP3A.240617.008)",
        *map(ROBOT.format, ("HTC Butterfly", "ViewSonic V500", "Expanse", "Fever_Plus_J", "M bot 54", "VR BOT 552")),
        ROBOT.format("Spider 8"),
        f"{ROBOT.format('MANN 8S')} SogouMSE,SogouMobileBrowser/5.6.2",
        f"{ROBOT.format('KT2020')} SGInfo/720/1408/2.0 SogouSearch Android1.0 version3.0",
        f"{ROBOT.format('SM-F966N')} Viber/27.4.0.0",
        f"{PHONE} Safari/604 [FBAN/WhatsAppSMBIPhone]",
        "Spider Solitaire/5 CFNetwork/1490.0.4 Darwin/23.2.0",
        "com.google.Gmail.AppAndExtensionsFramework/20240825.08 google-api-objc-client/3.0 iPhone/18.4 hw/iPhone14_7",
        "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 5.1; Embedded Web Browser from: http://bsalsa.com/)",
        "curl/8.0",  # how people try a link
    ],
)
def test_people_in_apps_stay_people(user_agent: str) -> None:
    assert not agents.is_bot(user_agent)


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (ROBOT.format("Pixel 8"), "mobile"),
        (ROBOT.format("FlareS5LiteDTV"), "mobile"),
        (ROBOT.format("SM-T870").replace("Mobile ", ""), "tablet"),
        ("Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/UQ1A)", "mobile"),
        ("wp-android/2.7.2 (Android 14; de_DE; Google Pixel 8)", "mobile"),
        ("Mozilla/5.0 (Linux; Android 9; AFTKA) AppleWebKit/537.36 Chrome/96.0 Safari/537.36", "other"),
        ("Mozilla/5.0 (Linux; Android 11; BRAVIA 4K) AppleWebKit/537.36 Chrome/98 Safari/537.36", "other"),
    ],
)
def test_apps_of_phones_are_no_tablets_and_neither_are_televisions(user_agent: str, device: str) -> None:
    """Browsers of tablets leave "Mobile" out. What apps say leaves it out everywhere."""
    assert agents.agent(user_agent).device == device


@pytest.mark.parametrize(
    "proxy", ["RamblerMail/6.0 (incompatible; ImageProxy/6.0)", "Mozilla/5.0 SeznamEmailProxy/2.0"]
)
def test_mailboxes_draw_pictures_for_people_elsewhere(proxy: str) -> None:
    assert agents.draws_mail(proxy)
    assert agents.asks_from_elsewhere(proxy)
