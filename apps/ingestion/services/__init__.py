"""What ingestion does: accept deliveries at the door, write them into the store, keep links, read files."""

from apps.ingestion.domain.ports import StoreUnavailable
from apps.ingestion.services.accepting import ACCEPTED, Answer, Broken, Sender, accept, refuse
from apps.ingestion.services.bulk import delete_property, source_facts, store_events, store_outcomes
from apps.ingestion.services.consent_settings import change_consent, forget_consents, keep_consents, limit_stream
from apps.ingestion.services.consenting import Records, RequestMemory
from apps.ingestion.services.file_imports import (
    CANNOT_BE_READ,
    HowToRead,
    ImportOver,
    Look,
    ReadOtherwise,
    begin_import,
    discard_import,
    file_reading,
    is_unread,
    look_at_file,
    lost_imports,
    read_otherwise,
    reading_of,
    rows_of_report,
    run_import,
)
from apps.ingestion.services.importing import Progress, Rejected, import_rows
from apps.ingestion.services.inspecting import REASON
from apps.ingestion.services.link_domains import save_site
from apps.ingestion.services.link_settings import LinkMovedOn, change_link, change_naming, create_link
from apps.ingestion.services.linking import Clicked, Recorded, Visitor, record_link
from apps.ingestion.services.replaying import Heard, Kept, Replayed, replay_events
from apps.ingestion.services.unpacking import ForeignProperty, PropertyGone
from apps.ingestion.services.uploads import KeyReused, TooManyFiles, Upload, upload_file, upload_once
from apps.ingestion.services.writing import Writer, load_seen_ids
from apps.ingestion.services.written import Written

__all__ = [
    "ACCEPTED",
    "CANNOT_BE_READ",
    "REASON",
    "Answer",
    "Broken",
    "Clicked",
    "ForeignProperty",
    "Heard",
    "HowToRead",
    "ImportOver",
    "Kept",
    "KeyReused",
    "LinkMovedOn",
    "Look",
    "Progress",
    "PropertyGone",
    "ReadOtherwise",
    "Recorded",
    "Records",
    "Rejected",
    "Replayed",
    "RequestMemory",
    "Sender",
    "StoreUnavailable",
    "TooManyFiles",
    "Upload",
    "Visitor",
    "Writer",
    "Written",
    "accept",
    "begin_import",
    "change_consent",
    "change_link",
    "change_naming",
    "create_link",
    "delete_property",
    "discard_import",
    "file_reading",
    "forget_consents",
    "import_rows",
    "is_unread",
    "keep_consents",
    "limit_stream",
    "load_seen_ids",
    "look_at_file",
    "lost_imports",
    "read_otherwise",
    "reading_of",
    "record_link",
    "refuse",
    "replay_events",
    "rows_of_report",
    "run_import",
    "save_site",
    "source_facts",
    "store_events",
    "store_outcomes",
    "upload_file",
    "upload_once",
]
