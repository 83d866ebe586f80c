"""The ends of what was not stored: crawlers, people who said no, and requests that clients sent twice."""

from datetime import datetime

import msgspec
import numpy as np

from apps.reports.demo import seasons, world
from apps.reports.demo.columns import Columns

_CRAWLERS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
)
_BOTS, _DENIALS, _DUPLICATES = 0.012, 0.030, 0.0012  # each as a share of the events stored
_WORDS = {
    "bot": ("refused", "context.userAgent"),
    "consent_denied": ("refused", "context.consent"),
    "duplicate": ("duplicate", ""),
}


def make_outcomes(*, seed: int, now: datetime, property_id: int, stream_id: int, message_ids: list[str]) -> Columns:
    """Return the outcomes that belong to a period in which *message_ids* were stored.

    What was refused for want of consent has neither an id nor a payload: it only counts.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed).spawn(9)[-1])
    stored = len(message_ids)
    reasons = [
        *["bot"] * int(stored * _BOTS),
        *["consent_denied"] * int(stored * _DENIALS),
        *["duplicate"] * int(stored * _DUPLICATES),
    ]
    size = len(reasons)
    at = seasons.draw_instants(rng, size, seasons.hour_weights(now)[world.WARM_UP * 24 :], now)
    at = np.minimum(at, seasons.milliseconds(now) - 2_000)
    crawlers = rng.integers(0, len(_CRAWLERS), size).tolist()
    again = rng.integers(0, stored, size).tolist()
    marks = rng.bytes(12 * size).hex()
    ids = {
        "bot": lambda row: f"demo-bot-{marks[row * 24 : row * 24 + 24]}",
        "consent_denied": lambda _row: "",
        "duplicate": lambda row: message_ids[again[row]],
    }
    details = {
        "bot": lambda row: f"A crawler: {_CRAWLERS[crawlers[row]]}",
        "consent_denied": lambda _row: "The person did not agree to be measured.",
        "duplicate": lambda _row: "",
    }
    return {
        "property_id": [property_id] * size,
        "stream_id": [stream_id] * size,
        "message_id": [ids[reason](row) for row, reason in enumerate(reasons)],
        "outcome": [_WORDS[reason][0] for reason in reasons],
        "reason": reasons,
        "detail": [details[reason](row) for row, reason in enumerate(reasons)],
        "field": [_WORDS[reason][1] for reason in reasons],
        "received_at": at.tolist(),
        "occurred_at": [0 if reason == "consent_denied" else int(one) for one, reason in zip(at, reasons, strict=True)],
        "logged_at": (at + 1).tolist(),
        "decided_at": (at + 3).tolist(),
        "payload": [
            _payload(_CRAWLERS[crawlers[row]]) if reason == "bot" else "" for row, reason in enumerate(reasons)
        ],
    }


def _payload(user_agent: str) -> str:
    page = {"url": f"https://{world.DOMAIN}/"}
    return msgspec.json.encode({"type": "page", "context": {"userAgent": user_agent, "page": page}}).decode()
