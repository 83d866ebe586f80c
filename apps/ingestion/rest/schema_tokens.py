"""`POST /token` in the OpenAPI document."""

from collections.abc import Callable
from typing import Any

from apps.ingestion.domain import tokens

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_FORM: Schema = {
    "type": "object",
    "required": ["grant_type", "client_assertion_type", "client_assertion"],
    "properties": {
        "grant_type": {"const": tokens.GRANT_TYPE},
        "client_assertion_type": {"const": tokens.ASSERTION_TYPE},
        "client_assertion": {**_TEXT, "description": "A JWT, signed with a private key of the stream."},
        "scope": {**_TEXT, "default": tokens.SCOPE},
        "client_id": _TEXT,
    },
}
_TOKEN: Schema = {
    "type": "object",
    "required": ["access_token", "token_type", "expires_in", "scope"],
    "properties": {
        "access_token": _TEXT,
        "token_type": {"const": "Bearer"},
        "expires_in": {"type": "integer", "description": "Seconds."},
        "scope": _TEXT,
    },
}
_ERROR: Schema = {
    "type": "object",
    "required": ["error", "error_description"],
    "properties": {"error": _TEXT, "error_description": _TEXT},
}
_ERRORS = {
    "400": "The request or the assertion is malformed, has expired, or was not issued yet.",
    "401": "Nobody known has signed this assertion for this server, or it was used before.",
    "413": "The body is too large.",
    "415": "The body is no form.",
    "503": "It cannot be decided just now. Ask again after Retry-After.",
}


def schemas() -> Schema:
    """Return what the operation names."""
    return {"CollectToken": _TOKEN, "CollectTokenError": _ERROR}


def paths(problem: Callable[[str], Schema], servers: list[Schema]) -> Schema:
    """Return the operation."""
    return {
        "/token": {
            "post": {
                "operationId": "collect_token",
                "summary": "A token for a client that holds a private key (OAuth 2.0)",
                "tags": ["collection"],
                "servers": servers,
                "security": [],
                "requestBody": {
                    "required": True,
                    "content": {"application/x-www-form-urlencoded": {"schema": _FORM}},
                },
                "responses": {
                    "200": _answer("A token, for `Authorization: Bearer`.", "CollectToken"),
                    **{status: _answer(text, "CollectTokenError") for status, text in _ERRORS.items()},
                    "405": problem("Ask for a token with POST."),
                },
            }
        }
    }


def _answer(text: str, name: str) -> Schema:
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"description": text, "content": {"application/json": {"schema": schema}}}
