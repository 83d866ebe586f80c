"""Every SDK passes the vectors of `sdks/conformance` that name it."""

import json
import subprocess

from apps.shared.local.layout import ROOT
from attribution.click_ids import CLICK_IDS

SDKS = ROOT / "sdks"
VECTORS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (SDKS / "conformance").glob("*.json")}


def expected_count(sdk: str, kind: str) -> int:
    """Return how many vectors *sdk* has to run; of the requests those of its *kind*."""
    cases = [(name, one) for name, file in VECTORS.items() if sdk in file["sdks"] for one in file["cases"]]
    return len([one for name, one in cases if name != "requests" or one["input"]["kind"] == kind])


def test_javascript_passes_the_vectors() -> None:
    done = subprocess.run(
        ["node", SDKS / "javascript" / "test" / "conformance.mjs"], capture_output=True, text=True, check=False
    )

    assert json.loads(done.stdout) == {"count": expected_count("javascript", "browser"), "failed": []}, done.stderr


def test_sdks_know_every_click_id_of_the_engine() -> None:
    said = [*CLICK_IDS, "tbclid"]

    source = (SDKS / "javascript" / "src" / "sources.js").read_text(encoding="utf-8")
    assert " ".join(said) in source
