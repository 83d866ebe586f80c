"""The apps of a domain, in the words of Apple's and of Google's files.

Sources: Apple, "Supporting associated domains"; Google, "Digital Asset Links".
"""

from dataclasses import dataclass
from typing import Any

_LINKS = "/l/*"


@dataclass(frozen=True, slots=True)
class AppFiles:
    """The apps that may open the links of a domain."""

    ios_apps: tuple[str, ...]
    android_package: str
    android_fingerprints: tuple[str, ...]
    organization_id: int = 0  # whose domain it is


def apple(files: AppFiles) -> dict[str, Any]:
    """Return the file for iOS, empty without an app."""
    if not files.ios_apps:
        return {}
    details = {"appIDs": list(files.ios_apps), "components": [{"/": _LINKS, "comment": "links"}]}
    # Before iOS 13 the file named one app at a time, and paths.
    old = [{"appID": app, "paths": [_LINKS]} for app in files.ios_apps]
    return {"applinks": {"apps": [], "details": [details, *old]}, "webcredentials": {"apps": list(files.ios_apps)}}


def google(files: AppFiles) -> list[dict[str, Any]]:
    """Return the file for Android, empty without an app."""
    if not files.android_package or not files.android_fingerprints:
        return []
    target = {
        "namespace": "android_app",
        "package_name": files.android_package,
        "sha256_cert_fingerprints": list(files.android_fingerprints),
    }
    return [{"relation": ["delegate_permission/common.handle_all_urls"], "target": target}]
