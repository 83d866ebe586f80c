"""A file of cases as values that are known to fit the schema."""

from pathlib import Path

from apps.attribution.domain.cases.values import BadCases
from apps.shared import yaml_documents
from apps.shared.yaml_documents import BadDocument, Document, Place

__all__ = ["SCHEMA", "Document", "Place", "read_document"]
SCHEMA = Path(__file__).parents[4] / "docs" / "cases.schema.json"


def read_document(text: str, file: str) -> Document:
    """Return the values of a file of cases. Raises BadCases."""
    try:
        return yaml_documents.read_document(text, file, SCHEMA)
    except BadDocument as error:
        raise BadCases(str(error)) from error
