"""Why the API did not do something about an import."""

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import APIException

from apps.ingestion.rest.import_uploads import LONGEST_KEY

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    description=f"One for all tries of one upload, at most {LONGEST_KEY} characters; without it, the file itself is.",
)


class Unreadable(APIException):
    """Nothing of the file can be read so; it is not kept."""

    status_code = 422
    default_code = "unreadable_file"


class KeyReused(APIException):
    """An Idempotency-Key came with another file."""

    status_code = 422
    default_detail = "This Idempotency-Key came before with another file. Use a new key for a new upload."
    default_code = "idempotency_key_reused"


class BegunBefore(APIException):
    """The import was begun, or is over."""

    status_code = 409
    default_detail = "This import was begun before."
    default_code = "begun_before"


class ReadOtherwise(APIException):
    """Somebody changed how the file is read."""

    status_code = 409
    default_detail = "How the file is read was changed since. Look at what it becomes now."
    default_code = "read_otherwise"


class FileGone(APIException):
    """A file that was imported is not kept."""

    status_code = 409
    default_detail = "The file was imported, and is not kept any more."
    default_code = "file_gone"


class TooManyFiles(APIException):
    """The property keeps as many files as it may."""

    status_code = 429
    default_detail = "Too many files wait already: begin their imports or forget them."
    default_code = "too_many_files"
