"""The door to the record. Apart from `api.py`, which pure code may import."""

from apps.compliance.services import record

__all__ = ["record"]
