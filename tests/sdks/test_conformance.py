"""Every SDK passes the vectors of `sdks/conformance` that name it."""

import json
import subprocess
from dataclasses import asdict
from typing import Any

import pytest
from tributary_sdk import protocol

from apps.compliance.domain.consent import MEASUREMENT, Consent
from apps.ingestion.domain.consents import stated
from apps.ingestion.domain.payload import decode_payload
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


def run_python(name: str, given: dict[str, Any]) -> Any:
    """Return what the Python SDK makes of an input."""
    if name == "retry":
        return protocol.pause(given["attempt"], given["random"], given["retryAfter"])
    if name == "answers":
        verdict = protocol.judge(given["status"], given["body"], given["count"])
        return {"action": verdict.action, "problems": [asdict(problem) for problem in verdict.problems]}
    if name == "batches":
        found, too_large = protocol.batches(given["sizes"], given["maxEvents"], given["maxBytes"])
        return {"batches": found, "tooLarge": too_large}
    if name == "requests":
        events = [protocol.encode(event) for event in given["events"]]
        made = protocol.request(given["host"], given["writeKey"], events, given["now"])
        return {"method": "POST", "url": made.url, "headers": made.headers, "body": json.loads(made.body)}
    try:
        raw = protocol.build_event(
            given["type"],
            given["fields"],
            message_id=given["messageId"],
            now=given["now"],
            anonymous_id=given["anonymousId"],
            user_id=given["userId"],
            context=given["context"],
            consent=given["consent"],
        )
    except protocol.Refused as error:
        return {"error": str(error)}
    return {"event": json.loads(raw)}


@pytest.mark.parametrize("name", ["retry", "answers", "batches", "requests", "events"])
def test_python_passes_the_vectors(name: str) -> None:
    cases = [one for one in VECTORS[name]["cases"] if one["input"].get("kind", "server") == "server"]

    found = {one["name"]: run_python(name, one["input"]) for one in cases}

    assert found == {one["name"]: one["expected"] for one in cases}


def test_python_is_named_by_no_other_file() -> None:
    named = {name for name, file in VECTORS.items() if "python" in file["sdks"]}

    assert named == {"retry", "answers", "batches", "requests", "events"}


@pytest.mark.parametrize(
    "path",
    [
        "javascript/src/sources.js",
        "android/core/src/main/java/tributary/sdk/Sources.java",
        "ios/Sources/Tributary/Sources.swift",
    ],
)
def test_sdk_knows_every_click_id_of_the_engine(path: str) -> None:
    said = [*CLICK_IDS, "tbclid"]

    assert f'"{" ".join(said)}"' in (SDKS / path).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "path",
    [
        "javascript/src/sessions.js",
        "android/core/src/main/java/tributary/sdk/Consent.java",
        "ios/Sources/Tributary/Session.swift",
    ],
)
def test_sdk_knows_every_purpose_of_measurement_of_the_door(path: str) -> None:
    said = ", ".join(f'"{name}"' for name in MEASUREMENT)

    assert said in (SDKS / path).read_text(encoding="utf-8")


SPOKEN = [
    one for one in VECTORS["consent"]["cases"]
    if one["input"]["said"] is not None and not one["input"]["gpc"] and not one["input"]["optedOut"]
]  # fmt: skip


@pytest.mark.parametrize("case", SPOKEN, ids=[one["name"] for one in SPOKEN])
def test_door_hears_the_same_in_what_an_sdk_sends(case: dict[str, Any]) -> None:
    """R8: what the door would refuse is stored by no SDK, and what it would take is not thrown away before."""
    event = protocol.build_event(
        "track", {"event": "x"}, message_id="m", now=0, user_id="ann", consent=case["input"]["said"]
    )

    heard = stated(decode_payload(event).context, at=0, months=13).consent

    unsaid = "pending" if case["input"]["required"] else "granted"
    means = {Consent.DENIED: "denied", Consent.UNKNOWN: unsaid}
    assert means.get(heard, "granted") == case["expected"]
