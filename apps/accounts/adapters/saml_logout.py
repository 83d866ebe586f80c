"""SAML single logout: what a provider asks of us, believed only when it is signed, fresh and new."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.socialaccount.providers.saml import utils
from django.core.cache import cache
from django.http import HttpRequest
from lxml import etree
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
from onelogin.saml2.logout_request import OneLogin_Saml2_Logout_Request

# A request is read once and soon: its address may stand in logs and histories.
FRESH = timedelta(minutes=5)
_BACK = "signed-out"  # not empty: some providers leave an empty one out of what they check the signature of
_ERRORS = (OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError, etree.XMLSyntaxError, ValueError, TypeError, KeyError)


class BadLogout(ValueError):
    """Not a request of this provider: unsigned, altered, old, or read before."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose sessions a provider ends, and where its answer goes."""

    uid: str
    indexes: list[str]
    answer_url: str


def read(request: HttpRequest, application: object, *, now: datetime) -> Asked:
    """Return what the provider asks. Raises BadLogout."""
    auth = _auth(request, application)
    try:
        answer_url = auth.process_slo(keep_local_session=True)
        document = auth.get_last_request_xml()
        errors = auth.get_errors()
    except _ERRORS as error:
        raise BadLogout(type(error).__name__) from error
    if errors or not answer_url or not document:
        raise BadLogout(f"{errors}: {auth.get_last_error_reason()}")
    _check_fresh(document, now)
    uid = OneLogin_Saml2_Logout_Request.get_nameid(document)
    indexes = OneLogin_Saml2_Logout_Request.get_session_indexes(document)
    return Asked(str(uid), [str(one) for one in indexes], str(answer_url))


def _check_fresh(document: str | bytes, now: datetime) -> None:
    root = etree.fromstring(document.encode() if isinstance(document, str) else document)
    said = datetime.fromisoformat(root.get("IssueInstant", "").replace("Z", "+00:00"))
    if abs(now - said) > FRESH:
        raise BadLogout("old")
    if not cache.add(f"accounts:saml-logout:{root.get('ID', '')}", 1, int(2 * FRESH.total_seconds())):
        raise BadLogout("read before")


def ask(request: HttpRequest, application: object, *, uid: str, index: str, name_id_format: str) -> str:
    """Return where the browser goes to sign out at the provider too."""
    return str(
        _auth(request, application).logout(
            return_to=_BACK, name_id=uid, session_index=index or None, name_id_format=name_id_format or None
        )
    )


def _auth(request: HttpRequest, application: object) -> OneLogin_Saml2_Auth:
    settings = application.settings  # type: ignore[attr-defined]
    config = utils.build_saml_config(request, settings, application.client_id)  # type: ignore[attr-defined]
    # For signing in the assertion is signed; for signing out there is none, so the message must be.
    config["security"]["wantMessagesSigned"] = True
    return OneLogin_Saml2_Auth(utils.prepare_django_request(request), config)
