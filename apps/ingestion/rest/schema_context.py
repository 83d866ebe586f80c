"""What surrounds an event, in the OpenAPI document: above all what a person agreed to, in the words that are read."""

from typing import Any

from apps.compliance.api import ADVERTISING, AGREEING, MEASUREMENT, REFUSING
from apps.ingestion.domain.consents import PURPOSES

Schema = dict[str, Any]

_FLAG: Schema = {
    "enum": [True, False, 1, 0, "1", "0", "true", "false", None],
    "description": "Global Privacy Control, as the browser said it: a refusal unless the property does not hear it.",
}


def schemas() -> dict[str, Schema]:
    """Return the shapes."""
    return {"CollectContext": _context(), "CollectConsent": _consent(), "CollectConsentWord": _consent_word()}


def _context() -> Schema:
    return {
        "type": "object",
        "additionalProperties": True,
        "description": "locale, userAgent, page, campaign, consent, gpc, ip (read and not kept) and more.",
        "properties": {
            "consent": {"anyOf": [{"$ref": "#/components/schemas/CollectConsent"}, {"type": "null"}]},
            "gpc": _FLAG,
        },
    }


def _consent() -> Schema:
    said = {"$ref": "#/components/schemas/CollectConsentWord"}
    named = {"type": ["object", "null"], "additionalProperties": said}
    return {
        "type": "object",
        "additionalProperties": True,
        "description": "What the person agreed to. A TCF string counts first, then `status` or `granted`, then "
        f"purposes: the first of {', '.join(MEASUREMENT)} decides whether the person is measured, the first of "
        f"{', '.join(ADVERTISING)} whether for advertising too. All refused is a refusal.",
        "properties": {
            "tcf": {"type": ["string", "null"], "description": "A consent string of TCF 2; or `tcString`."},
            "tcString": {"type": ["string", "null"]},
            "gdprApplies": {"enum": [True, False, 1, 0, None], "description": "False: the string is not looked at."},
            "status": {"type": ["string", "null"], "description": "A word that agrees or refuses."},
            "granted": {"type": ["boolean", "null"]},
            "purposes": {**named, "description": "By name of the purpose."},
            "categoryPreferences": {**named, "description": "The same, as Segment's libraries call it."},
            **dict.fromkeys(PURPOSES, said),
            "gpc": _FLAG,
        },
    }


def _consent_word() -> Schema:
    return {
        "type": ["boolean", "string", "number", "null"],
        "description": f"true or 1, false or 0, or a word, in any case, with blanks, underscores or hyphens. Agrees: "
        f"{', '.join(sorted(AGREEING))}. Refuses: {', '.join(sorted(REFUSING))}. Any other word says nothing.",
        "examples": [True, False, "granted", "Opted out", "revoked"],
    }
