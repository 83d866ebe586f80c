"""What the OpenAPI document says of consent is what the door hears, in the words of the conformance vectors."""

import json
from typing import Any

import jsonschema
import pytest
import yaml
from django.test import Client

from apps.compliance.api import AGREEING, REFUSING, Consent, consent_state
from apps.ingestion.domain.consents import stated
from apps.ingestion.domain.payload import Consent as Said
from apps.ingestion.domain.payload import decode_payload
from apps.shared.local.layout import ROOT
from tests.ingestion.test_door import post

DOCUMENT = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text())
SHAPES = DOCUMENT["components"]["schemas"]
CASES = json.loads((ROOT / "sdks/conformance/consent.json").read_text())["cases"]
SAID = [case["input"]["said"] for case in CASES if case["input"]["said"] not in (None, {})]


def context_of(said: Any) -> dict[str, Any]:
    """Return what SDKs send of it: a plain yes or no as a word, and of categories what holds no others (protocol 6)."""
    if isinstance(said, dict):
        return {"consent": {"categoryPreferences": {k: v for k, v in said.items() if not isinstance(v, dict | list)}}}
    return {"consent": {"status": str(said).lower()}}


def valid(context: Any) -> None:
    schema = {"$ref": "#/components/schemas/CollectContext", "components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(schema).validate(context)


@pytest.mark.parametrize("said", SAID, ids=json.dumps)
def test_everything_that_a_client_may_say_is_documented_and_heard(door: Client, key: str, said: Any) -> None:
    context = context_of(said)

    valid(context)
    answer = post(door, "/v1/track", {"userId": "ann", "event": "x", "context": context}, key)

    case = next(case for case in CASES if case["input"]["said"] == said and not case["input"]["gpc"])
    is_refusal = case["expected"] == "denied" and not case["input"]["optedOut"]
    assert answer.status_code == (403 if is_refusal else 200)


@pytest.mark.parametrize("gpc", [True, 1, "1", "true"])
def test_signal_is_documented_and_heard(door: Client, key: str, gpc: Any) -> None:
    for context in ({"gpc": gpc}, {"consent": {"gpc": gpc}}):
        valid(context)
        answer = post(door, "/v1/track", {"userId": "ann", "event": "x", "context": context}, key)
        assert answer.status_code == 403


def test_document_lists_every_word_and_every_purpose() -> None:
    words = SHAPES["CollectConsentWord"]["description"].replace(".", ",").replace(":", ",").split(", ")
    fields = set(Said.__struct_encode_fields__)

    assert {word.strip() for word in words} >= AGREEING | REFUSING
    assert set(SHAPES["CollectConsent"]["properties"]) == fields
    for word in AGREEING:
        assert consent_state(status=word, preferences=None) is Consent.GRANTED
    for word in REFUSING:
        payload = decode_payload(json.dumps({"context": {"consent": {"status": word}}}).encode())
        assert stated(payload.context, at=0, months=13).consent is Consent.DENIED


@pytest.mark.parametrize(
    "wrong", [{"consent": "granted"}, {"consent": {"status": True}}, {"consent": {"purposes": []}}]
)
def test_what_the_document_forbids_the_door_refuses(door: Client, key: str, wrong: Any) -> None:
    with pytest.raises(jsonschema.ValidationError):
        valid(wrong)

    assert post(door, "/v1/track", {"userId": "ann", "event": "x", "context": wrong}, key).status_code == 400
