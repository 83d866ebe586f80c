"""Whether a domain publishes what its owner was asked to: in a TXT record, or in a file on its website."""

import dns.exception
import dns.resolver
from django.conf import settings
from requests import RequestException

from apps.shared import guarded_http

RECORD = "_tributary"
FILE = "/.well-known/tributary-domain.txt"
_PATIENCE = 5.0  # seconds


def is_in_dns(domain: str, proof: str) -> bool:
    """Tell whether a TXT record of _tributary.DOMAIN is *proof*."""
    resolver = dns.resolver.Resolver(configure=not settings.ACCOUNTS_NAMESERVERS)
    if settings.ACCOUNTS_NAMESERVERS:
        host, _, port = settings.ACCOUNTS_NAMESERVERS[0].partition(":")
        resolver.nameservers, resolver.port = [host], int(port or 53)
    try:
        answer = resolver.resolve(f"{RECORD}.{domain}.", "TXT", lifetime=_PATIENCE)
    except (dns.exception.DNSException, OSError):
        return False
    return any(b"".join(record.strings).decode("ascii", "replace").strip() == proof for record in answer)


def is_on_website(domain: str, proof: str) -> bool:
    """Tell whether https://DOMAIN/.well-known/tributary-domain.txt is *proof*."""
    try:
        with guarded_http.session() as session:
            answer = session.get(f"https://{domain}{FILE}", allow_redirects=False)
    except RequestException:
        return False
    return answer.status_code == 200 and answer.text.strip() == proof
