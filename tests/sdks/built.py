"""Whether the browser SDK that the door serves was built from the sources that are there."""

from pathlib import Path

from apps.shared.local import bootstrap
from apps.shared.local.layout import ROOT

DIST = ROOT / "static" / "dist"
SERVED = tuple(DIST / "sdk" / name for name in ("tributary.js", "tributary.mjs"))
SOURCES = ROOT / "sdks" / "javascript"


def complaint(sources: Path = SOURCES, served: tuple[Path, ...] = SERVED) -> str:
    """Return what is wrong and the command that mends it; empty when nothing is."""
    newest = max(path.stat().st_mtime for path in (sources / "src").rglob("*.js"))
    missing = [path.name for path in served if not path.exists()]
    if missing:
        return f"The browser SDK is not built ({', '.join(missing)}): run `npm run build`."
    if min(path.stat().st_mtime for path in served) < newest and not _is_stamped():
        return "The built browser SDK is older than its sources in sdks/javascript: run `npm run build`."
    return ""


def _is_stamped() -> bool:
    """Tell whether `make test` built it from the same contents, whatever the clocks of the files say."""
    static, javascript = bootstrap.sources(ROOT / "static", DIST), bootstrap.sources(SOURCES, DIST)
    files = [ROOT / "package-lock.json", ROOT / "vite.config.js", *static, *javascript]
    return bootstrap.stamp_of(DIST) == bootstrap.digest_of(files)
