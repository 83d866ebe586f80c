"""
Sources that the published list of Google Analytics names and the other tables do not.

Facts only: what a source is. Names (without a dot) and hosts match as a whole, as they do there. Left out are hosts of
mail (`mail.google.com`), which Google counts as search.

Source: Google Analytics help, "[GA4] Default channel group" (answer 9756891), list of sources and categories.
"""

from typing import Final

# By kind: names that are also the host below .com, then names and hosts as they are.
PUBLISHED_WITH_COM: Final[dict[str, str]] = {
    "shopping": """
stripe
""",
    "video": """
curiositystream utreon
""",
    "social": """
43things activerain activeworlds addthis alumniclass americantowns anobii answerbag aolanswers askubuntu athlinks
baby-gaga badoo bebo beforeitsnews bharatstudent blackplanet blogher bloglines blogsome blogster blurtit brightkite
brizzly buzzfeed buzznet cafemom camospace care2 catster cellufun chicagonow classmates classquest cocolog-nifty
cozycot crunchyroll cyworld dianping digg diigo dogster dol2day doostang dopplr drugs-forum dzone elftown extole
faceparty fanpop fark fc2 feministing filmaffinity flipboard folkdirect foodservice fotki fotolog foursquare
friendfeed fubar gaiaonline gamerdna glassboard glassdoor godtube goldstar govloop gowalla habbo hi5 houzz hoverspot
hubculture ibibo imageshack imvu insanejournal instapaper intherooms italki jammerdirect kaneva librarything listal
listography mocospace mouthshut movabletype mubi myheritage mylife mymodernmet myspace netvibes nightlifelink ning
onstartups opendiary photobucket pingsta plurk posterous qapacity quechup ravelry redux renren reunion reverbnation
ryze salespider screenrant scribd scvngr secondlife serverfault sharethis skyrock socialvibe spoke spruz stackapps
stickam superuser sweeva tagged taggedmail talkbiznow techmeme tencent tinyurl toolbox travellerspoint trombi tudou
tuenti tweetdeck typepad vampirefreaks vampirerave wakoopa wattpad webshots weebly weread xanga yammer zooppa
""",
}
PUBLISHED: Final[dict[str, str]] = {
    "search": """
auone biglobe.co.jp biglobe.ne.jp centrum.cz cnn comcast conduit eniro espanol.search.yahoo.com exalead.com firmy.cz
globo google-play googlemybusiness incredimail kvasir malaysia.search.yahoo.com najdi news.google.com ntp.msn.com
onet.pl rakuten rakuten.co.jp search-results search.google.com search.smt.docomo.ne.jp search.ukr.net
secureurl.ukr.net sp-web.search.auone.jp startsiden startsiden.no terra tut.by ukr webmaster.yandex.ru
websearch.rakuten.co.jp zen.yandex.ru
""",
    "shopping": """
aax-us-east.amazon-adsystem.com aax.amazon-adsystem.com checkout.stripe.com cr.shopping.naver.com
cr2.shopping.naver.com m.shopping.naver.com msearch.shopping.naver.com nl.shopping.net no.shopping.net
order.shopping.yahoo.co.jp s3.amazonaws.com se.shopping.net shopping.naver.com shopping.yahoo.co.jp shopping.yahoo.com
simplycodes.com store.shopping.yahoo.co.jp uk.shopping.net
""",
    "video": """
d.tube fast.wistia.net justin.tv viadeo.journaldunet.com
""",
    "social": """
51.com 5ch.net academia.edu airg.ca allnurses.com allrecipes.com ameba.jp ameblo.jp ancestry.com answers.yahoo.com
artstation.com asmallworld.com awe.sm babyblog.ru biip.no biswap.org bit.ly blackcareernetwork.com blip.fm blog.com
blog.feedspot.com blog.goo.ne.jp blog.yahoo.co.jp blogg.no bloggang.com blogs.com blogspot bookmarks.yahoo.co.jp
bookmarks.yahoo.com canalblog.com care.com caringbridge.org cbnt.io centerblog.net chat.zalo.me chegg.com
chiebukuro.yahoo.co.jp copainsdavant.linternaute.com couchsurfing.org cross.tv dailystrength.org deluxe.com
discover.hubpages.com draugiem.lv edublogs.org epicurious.com everforo.com exblog.jp fandom.com feedspot
forums.androidcentral.com forums.crackberry.com forums.imore.com forums.nexopia.com forums.webosnation.com
forums.wpcentral.com fruehstueckstreff.org gather.com geni.com getpocket.com goldenline.pl goo.gl gooblog google+
googlegroups.com googleplus gree.jp groups.google.com gulli.com gutefrage.net hr.com hubpages.com hyves.net hyves.nl
identi.ca imageshack.us internations.org interpals.net irc-galleria.net is.gd jappy.com jappy.de kaboodle.com
kakaocorp.com kin.naver.com last.fm lifestream.aol.com livedoor.com livedoorblog m.kin.naver.com mbga.jp meetin.org
meinvz.net meneame.net menuism.com messages.google.com messages.yahoo.co.jp mix.com mixi.jp my.opera.com
myanimelist.net newsshowcase nexopia ngopost.org niconico nicovideo.jp odnoklassniki.ua okwave.jp oneworldgroup.org
oshiete.goo.ne.jp over-blog.com overblog.com paper.li partyflock.nl pinboard pinboard.in pixiv.net playahead.se
plus.google.com plus.url.google.com pocket.co pro.homeadvisor.com pulse.yahoo.com researchgate.net rtl.de scoop.it
shareit shvoong.com sites.google.com skype slashdot.org slideshare.net smartnews.com sociallife.com.br spaces.live.com
ssense.com stackexchange stardoll.com studivz.net suomi24.fi twoo.com unblog.fr urbanspoon.com ushareit.com ushi.cn
vg.no video.ibm.com web.skype.com wer-weiss-was.de wiki.answers.com wikihow.com wikitravel.org woot.com wordpress.org
yahoo-mbga.jp yelp.co.uk youroom.in zalo zoo.gr
""",
}
