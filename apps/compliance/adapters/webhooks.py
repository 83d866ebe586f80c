"""Standard Webhooks: a message that its receiver can prove to be ours, posted to a public address."""

from collections.abc import Sequence
from datetime import datetime

import requests
from standardwebhooks import Webhook

from apps.shared import guarded_http


def post(*, url: str, message_id: str, body: str, secrets: Sequence[str], now: datetime) -> int | None:
    """Post *body*, signed with each of *secrets*; return the answer's status, or None when none came in time.

    No redirect is followed, and no address inside is asked: neither by name nor by number (SSRF).
    """
    signatures = " ".join(Webhook(secret).sign(message_id, now, body) for secret in secrets)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signatures,
    }
    try:
        with guarded_http.session() as session:
            return session.post(url, data=body.encode(), headers=headers, allow_redirects=False).status_code
    except requests.TooManyRedirects as redirect:  # as our session calls the first one
        return redirect.response.status_code if redirect.response is not None else None
    except requests.RequestException:
        return None
