"""`POST /token`: a client proves itself by what it signed, and gets a token for a while (RFC 6749, RFC 7523)."""

import hashlib
import time
from urllib.parse import parse_qs

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.ingestion import wiring
from apps.ingestion.domain import tokens
from apps.ingestion.domain.tokens import NotGranted
from apps.ingestion.rest import answers
from apps.ingestion.rest.bodies import BodyRefused, read_body

_LARGEST = 16_384
_FORM = "application/x-www-form-urlencoded"


def token(request: HttpRequest) -> HttpResponse:
    """Answer with a token, or why there is none."""
    if request.method != "POST":
        return answers.refused(405, "wrong_method", "Ask for a token with POST.", headers={"Allow": "POST"})
    try:
        given = _form(request)
        body = _granted(given, now=time.time())
    except NotGranted as error:
        body = {"error": error.error, "error_description": error.description}
        return _answer(error.status, body, {"Retry-After": "2"} if error.status == 503 else {})
    return _answer(200, body, {})


def _answer(status: int, body: dict[str, object], headers: dict[str, str]) -> HttpResponse:
    response = HttpResponse(msgspec.json.encode(body), status=status, content_type="application/json")
    return answers.with_headers(response, {"Cache-Control": "no-store", **headers})


def _form(request: HttpRequest) -> dict[str, str]:
    """Return the fields of the form. Raises NotGranted."""
    if request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != _FORM:
        raise NotGranted(415, "invalid_request", f"Send a form: {_FORM}.")
    try:
        fields = parse_qs(read_body(request, limit=_LARGEST).decode(), max_num_fields=20)
    except BodyRefused as error:
        raise NotGranted(error.status, "invalid_request", error.detail) from None
    except ValueError:
        raise NotGranted(400, "invalid_request", "The form has too many fields.") from None
    if any(len(values) > 1 for values in fields.values()):
        raise NotGranted(400, "invalid_request", "Each field is given once.")
    return {name: values[0] for name, values in fields.items()}


def _granted(given: dict[str, str], *, now: float) -> dict[str, object]:
    """Return the answer that holds a token. Raises NotGranted."""
    if given.get("grant_type") != tokens.GRANT_TYPE:
        raise NotGranted(400, "unsupported_grant_type", f"grant_type is {tokens.GRANT_TYPE}.")
    if given.get("client_assertion_type") != tokens.ASSERTION_TYPE:
        raise NotGranted(400, "invalid_request", f"client_assertion_type is {tokens.ASSERTION_TYPE}.")
    if tokens.SCOPE not in given.get("scope", tokens.SCOPE).split():
        raise NotGranted(400, "invalid_scope", f"The scope is {tokens.SCOPE}.")
    assertion = given.get("client_assertion", "")
    key_id = tokens.key_id_of(assertion)
    try:
        key = wiring.public_key_of()(key_id)
    except wiring.SOURCE_DOWN:
        raise NotGranted(503, "temporarily_unavailable", "The key cannot be looked up just now.") from None
    if key is None:
        raise NotGranted(401, "invalid_client", "No stream has a key of this name (kid).")
    if given.get("client_id", key.client_id) != key.client_id:
        raise NotGranted(401, "invalid_client", "The key belongs to another client.")
    proven = tokens.check(assertion, key, audience=settings.COLLECT_URL.rstrip("/"), now=now)
    _count_once(key_id, proven, now=now)
    wiring.note_public_key(key_id)
    made = tokens.make(key, secret=settings.SECRET_KEY, now=now)
    return {"access_token": made, "token_type": "Bearer", "expires_in": tokens.LIFETIME, "scope": tokens.SCOPE}


def _count_once(key_id: str, proven: tokens.Assertion, *, now: float) -> None:
    """Refuse what was shown before. Where it cannot be known, nobody gets a token. Raises NotGranted."""
    name = hashlib.sha256(proven.id.encode(errors="surrogatepass")).hexdigest()
    try:
        is_first = wiring.assertions().take(
            f"assertion:{key_id}:{name}", milliseconds=max(int((proven.good_until - now) * 1000), 1) + 1_000
        )
    except OSError:
        raise NotGranted(503, "temporarily_unavailable", "It cannot be known just now what was used before.") from None
    if not is_first:
        raise NotGranted(401, "invalid_client", "This client assertion was used before: sign a new one, with its jti.")
