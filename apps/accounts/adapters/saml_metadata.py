"""SAML metadata: what an identity provider publishes about itself, read without believing the XML."""

from dataclasses import dataclass

from cryptography import x509
from lxml import etree
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from requests import RequestException

from apps.shared import guarded_http

_MOST_BYTES = 512 * 1024


class NoMetadata(ValueError):
    """The document is not the metadata of a SAML identity provider."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """Who the provider is, where it signs people in and out, and what its signatures are checked with."""

    entity_id: str
    sign_in_url: str
    certificates: str
    sign_out_url: str = ""


def fetch(url: str) -> Metadata:
    """Read the metadata at *url*. Raises NoMetadata, also where the address cannot be asked."""
    try:
        with guarded_http.session() as session:
            answer = session.get(url, allow_redirects=False)
            answer.raise_for_status()
    except RequestException as error:
        raise NoMetadata("unreachable") from error
    return parse(answer.content)


def parse(document: bytes) -> Metadata:
    """Read a metadata document. Raises NoMetadata; a document with a DTD is refused, whatever it declares (XXE)."""
    if len(document) > _MOST_BYTES:
        raise NoMetadata("too large")
    strict = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(document, strict)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NoMetadata("no XML") from error
    if root.getroottree().docinfo.doctype:
        raise NoMetadata("a DTD")
    found = OneLogin_Saml2_IdPMetadataParser.parse(etree.tostring(root)).get("idp", {})
    single, several = found.get("x509cert"), found.get("x509certMulti", {}).get("signing", [])
    listed = [str(one) for one in several or ([single] if single else [])]
    sign_in_url = found.get("singleSignOnService", {}).get("url", "")
    if not (found.get("entityId") and sign_in_url and listed):
        raise NoMetadata("no identity provider")
    sign_out_url = str(found.get("singleLogoutService", {}).get("url", ""))
    checked = [checked_certificate(one) for one in dict.fromkeys(listed)]
    return Metadata(str(found["entityId"]), str(sign_in_url), "\n".join(checked), sign_out_url)


def checked_certificate(text: str) -> str:
    """Return a certificate in PEM, given with or without its frame. Raises NoMetadata."""
    body = "".join(line for line in text.split() if "-" not in line and line not in ("BEGIN", "END", "CERTIFICATE"))
    framed = "\n".join(["-----BEGIN CERTIFICATE-----", *_lines(body), "-----END CERTIFICATE-----", ""])
    try:
        x509.load_pem_x509_certificate(framed.encode())
    except ValueError as error:
        raise NoMetadata("no certificate") from error
    return framed


def _lines(body: str) -> list[str]:
    return [body[start : start + 64] for start in range(0, len(body), 64)]


def checked_certificates(text: str) -> str:
    """Return one certificate or several, each in its frame. Raises NoMetadata."""
    parts = text.split("-----END CERTIFICATE-----")
    listed = [one for one in parts if one.strip()] if len(parts) > 1 else [text]
    return "\n".join(dict.fromkeys(checked_certificate(one) for one in listed))
