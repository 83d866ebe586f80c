"""What ingestion does: accept deliveries at the door, write them into the store, keep links, read files."""

from apps.ingestion.services.accepting import Answer, Sender, accept, refuse
from apps.ingestion.services.writing import Writer, Written, load_seen_ids

__all__ = ["Answer", "Sender", "Writer", "Written", "accept", "load_seen_ids", "refuse"]
