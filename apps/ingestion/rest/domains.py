"""The domain that a request was sent to: links of other organizations are not found there, nor their apps."""

from functools import lru_cache
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.http.request import split_domain_port

from apps.ingestion import wiring
from apps.ingestion.domain.links import LinkInfo
from apps.shared import regions

_LONGEST = 300  # a name of a host has 253 characters at most, and a port


def domain_of(request: HttpRequest) -> str:
    """Return the host that *request* names, in small letters and without a port; empty where it names none."""
    # Not `get_host`: which domains there are is what customers say, not what the operator has listed.
    return _bare(request.META.get("HTTP_HOST", "")[:_LONGEST])


def is_found_at(domain: str, link: LinkInfo) -> bool:
    """Tell whether *link* answers at *domain*: its organization's, our own, or one that nobody has named.

    Else a stranger's link would lead on from a domain that people trust. Raises one of wiring.SOURCE_DOWN.
    """
    if not domain or domain == _host_of(regions.collect_url(link.region)):
        return True
    owner = wiring.app_files_of()(domain)
    return owner is None or owner.organization_id == link.organization_id


@lru_cache(maxsize=1_024)
def _bare(host: str) -> str:
    return split_domain_port(host)[0].lower()


@lru_cache(maxsize=64)
def _host_of(url: str) -> str | None:
    return urlsplit(url).hostname
