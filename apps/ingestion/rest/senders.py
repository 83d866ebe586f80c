"""Who sends: the write key of a request, and what its connection tells."""

import binascii
import time
from base64 import b64decode

import msgspec
from django.conf import settings
from django.http import HttpRequest

from apps.ingestion import wiring
from apps.ingestion.domain import payload, places, tokens
from apps.ingestion.domain.events import Surroundings
from apps.ingestion.domain.tokens import BadToken
from apps.orgs import api as orgs

_LONGEST_KEY = 200


def key_in_header(request: HttpRequest) -> str:
    """Return the write key that stands as the user name of Basic auth, or an empty text."""
    scheme, _, coded = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return b64decode(coded.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


def key_in_bearer(request: HttpRequest) -> str:
    """Return the write key that stands as the token of Bearer auth, or an empty text; our own tokens are none."""
    token = bearer_token(request)
    return "" if tokens.is_ours(token) else token


def bearer_token(request: HttpRequest) -> str:
    """Return the token of Bearer auth, or an empty text."""
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def key_in_body(body: bytes) -> str:
    """Return the write key that stands in the body, where browsers put it, or an empty text.

    A batch may state it in every event instead; events of several keys are no one's batch.
    """
    try:
        said = payload.decode_key(body).write_key
        if said or b'"writeKey"' not in body:
            return str(said or "")
        keys = {one.write_key for one in payload.decode_keys(body).batch}
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return ""
    return str(keys.pop() or "") if len(keys) == 1 else ""


def stream_of(write_key: str) -> orgs.StreamInfo | None:
    """Return the stream that *write_key* opens, or None. Raises one of wiring.SOURCE_DOWN."""
    if not write_key or len(write_key) > _LONGEST_KEY or not write_key.isprintable():
        return None
    return wiring.stream_of()(write_key)


def token_problem(request: HttpRequest, stream: orgs.StreamInfo) -> BadToken | None:
    """Return what is wrong with the token that came with the write key of *stream*, if anything is.

    One that is none of ours says nothing about us, and is not looked at unless the stream wants a token.
    """
    token = bearer_token(request)
    if not tokens.is_ours(token):
        detail = "This stream takes events only with a token. Ask for one at /token."
        return BadToken("token_required", detail) if stream.requires_token else None
    try:
        grant = tokens.read(token, secret=settings.SECRET_KEY, now=time.time())
    except BadToken as error:
        return error
    if grant.stream_id != stream.id:
        return BadToken("wrong_stream", "The token and the write key belong to different streams.")
    if grant.key_id not in stream.key_ids:
        return BadToken("revoked_token", "The key that this token was got with has been revoked.")
    return None


def surroundings(request: HttpRequest, stream: orgs.StreamInfo, *, of_server: bool = False) -> Surroundings:
    """Return what the steps know about this request. A server's own address and agent say nothing of the person.

    *of_server* says so of an address that servers send to, whatever the kind of the stream. Raises one of
    wiring.SOURCE_DOWN when it cannot be known what the property asks of people.
    """
    is_server = stream.kind == "server"
    rules = wiring.consent_rules_of()(stream.property.id)
    return wiring.surroundings(
        stream.property,
        stream.id,
        stream.kind,
        user_agent="" if is_server or of_server else request.META.get("HTTP_USER_AGENT", "")[:1024],
        country="" if is_server or of_server else places.country_of(address(request)),
        consent=rules,
        sends_signal=not is_server and sends_signal(request),
        memory=wiring.consent_memory(stream.property.id, rules),
    )


def sends_signal(request: HttpRequest) -> bool:
    """Tell whether the browser sends Global Privacy Control."""
    return request.META.get("HTTP_SEC_GPC", "").strip() == "1"


def address(request: HttpRequest) -> str:
    """Return the address of the client: the last one that a proxy of ours has seen."""
    proxies = settings.INGESTION_TRUSTED_PROXIES
    if not proxies:
        return str(request.META.get("REMOTE_ADDR", ""))
    named = f"HTTP_{settings.INGESTION_PROXY_HEADER.upper().replace('-', '_')}"
    seen = [part.strip() for part in request.META.get(named, "").split(",") if part.strip()]
    return places.bare_address(seen[-proxies]) if len(seen) >= proxies else ""
