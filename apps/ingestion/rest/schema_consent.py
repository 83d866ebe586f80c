"""What a call may say of consent, in the OpenAPI document."""

from typing import Any

from apps.ingestion.domain.consents import PURPOSES

Schema = dict[str, Any]

_SIGNAL: Schema = {
    "type": ["boolean", "integer", "string", "null"],
    "description": 'Global Privacy Control: true, 1 or "1" is a refusal, unless the property does not hear it.',
}
_PREFERENCE: Schema = {
    "type": ["boolean", "string", "number", "null"],
    "description": "true or false, 1 or 0, or a word as in `status`; anything else says nothing.",
}
_PREFERENCE_REF: Schema = {"$ref": "#/components/schemas/CollectPreference"}
_PREFERENCES: Schema = {"type": ["object", "null"], "additionalProperties": _PREFERENCE_REF}
_CONSENT: Schema = {
    "type": ["object", "null"],
    "description": (
        "What the person agreed to, heard in this order: `tcf`, `status` or `granted`, the purposes by name. A refused "
        "event is answered with 403 and not kept; the person's last word holds for later calls that say nothing."
    ),
    "properties": {
        "tcf": {
            "type": ["string", "null"],
            "description": "A string of TCF 2. It is not looked at with `gdprApplies` false.",
        },
        "tcString": {"type": ["string", "null"], "description": "The same."},
        "gdprApplies": {"type": ["boolean", "integer", "null"]},
        "status": {
            "type": ["string", "null"],
            "description": (
                "granted, accepted, agreed, allowed, opt-in, yes, …; denied, declined, refused, rejected, withdrawn, "
                "revoked, opt-out, no, …; any other word says nothing."
            ),
        },
        "granted": {"type": ["boolean", "null"]},
        "purposes": {**_PREFERENCES, "description": f"By name, of which these are heard: {', '.join(PURPOSES)}."},
        "categoryPreferences": {**_PREFERENCES, "description": "The same, as Segment's wrappers send it."},
        **dict.fromkeys(PURPOSES, _PREFERENCE_REF),
        "gpc": _SIGNAL,
    },
}
_CONTEXT: Schema = {
    "type": ["object", "null"],
    "additionalProperties": True,
    "description": "locale, userAgent, page, campaign, consent, ip (read and not kept) and more.",
    "properties": {"consent": {"$ref": "#/components/schemas/CollectConsent"}, "gpc": _SIGNAL},
}
SCHEMAS = {"CollectContext": _CONTEXT, "CollectConsent": _CONSENT, "CollectPreference": _PREFERENCE}
