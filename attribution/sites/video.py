"""Video sites and streaming services. Facts only: name, then hosts (with a dot) and spellings (without)."""

from typing import Final

VIDEO_SITES: Final[dict[str, tuple[str, ...]]] = {
    "youtube": ("youtube.com", "youtu.be", "youtube-nocookie.com", "com.google.android.youtube", "yt"),
    "vimeo": ("vimeo.com",),
    "dailymotion": ("dailymotion.com", "dai.ly"),
    "twitch": ("twitch.tv", "tv.twitch.android.app"),
    "kick": ("kick.com",),
    "rumble": ("rumble.com",),
    "odysee": ("odysee.com",),
    "netflix": ("netflix.com",),
    "hulu": ("hulu.com",),
    "disney+": ("disneyplus.com", "disneyplus"),
    "crackle": ("crackle.com",),
    "iqiyi": ("iqiyi.com", "iq.com"),
    "youku": ("youku.com",),
    "bilibili": ("bilibili.com", "b23.tv"),
    "niconico": ("nicovideo.jp",),
    "ted": ("ted.com",),
    "wistia": ("wistia.com",),
    "veoh": ("veoh.com",),
    "rutube": ("rutube.ru",),
    "vk video": ("vkvideo.ru", "vkvideo"),
    "kinopoisk": ("kinopoisk.ru", "hd.kinopoisk.ru"),
    "ivi": ("ivi.ru", "ivi.tv"),
    "okko": ("okko.tv",),
    "smotrim": ("smotrim.ru",),
}
