"""A file in a request: in a form, or as the whole body with what is said about it in the address."""

from typing import IO, Any, cast

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.datastructures import MultiValueDict
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser
from rest_framework.request import Request

from apps.ingestion import services
from apps.ingestion.forms import ImportForm
from apps.ingestion.forms.importing import NONE, OWN
from apps.ingestion.rest.import_serializers import UploadSerializer
from apps.orgs import api as orgs

_ABOUT_THE_FORM = 1024 * 1024  # more than what stands around a file in a form
_PACKED = ("", "identity", "gzip", "zstd")  # a file's own content tells that it is packed
LONGEST_KEY = 255


class FileTooLarge(APIException):
    """The file is beyond the limit of uploads."""

    status_code = 413
    default_code = "too_large"

    def __init__(self) -> None:
        most = filesizeformat(settings.INGESTION_LARGEST_FILE)
        super().__init__(f"A file has at most {most}: import larger ones with import_events in the shell.")


class NoLength(APIException):
    """Nobody knows how long the body is."""

    status_code = 411
    default_detail = "Send the file with its Content-Length."
    default_code = "length_required"


class OtherEncoding(APIException):
    """The body is packed in a way that no file is."""

    status_code = 415
    default_detail = "Send the file as it is, or packed by gzip or Zstandard."
    default_code = "unsupported_encoding"


class Body(SimpleUploadedFile):
    """A body that is a file, without a name of its own."""


class WholeBody(BaseParser):
    """Takes the body itself for the file, whatever type it is said to have."""

    media_type = "*/*"

    def parse(self, stream: IO[bytes], media_type: Any = None, parser_context: Any = None) -> Any:  # noqa: ARG002
        """Return the body as a file without a name. Raises FileTooLarge."""
        content = stream.read(settings.INGESTION_LARGEST_FILE + 1)
        if len(content) > settings.INGESTION_LARGEST_FILE:
            raise FileTooLarge
        return DataAndFiles({}, MultiValueDict({"file": [Body("body", content)]}))


PARSERS = (MultiPartParser, WholeBody)


def check_size(request: Request) -> None:
    """Refuse a body before it is read. Raises FileTooLarge, NoLength and OtherEncoding."""
    if request.META.get("HTTP_CONTENT_ENCODING", "").strip().lower() not in _PACKED:
        raise OtherEncoding
    if request.META.get("HTTP_TRANSFER_ENCODING"):
        raise NoLength  # the framework takes a chunked body for an empty one
    length = request.META.get("CONTENT_LENGTH") or ""
    if length.isdigit() and int(length) > settings.INGESTION_LARGEST_FILE + _ABOUT_THE_FORM:
        raise FileTooLarge


def key_of(request: Request) -> str:
    """Return the Idempotency-Key, empty without one. Raises ValidationError."""
    key = request.META.get("HTTP_IDEMPOTENCY_KEY", "")
    if len(key) > LONGEST_KEY:
        raise serializers.ValidationError({"Idempotency-Key": f"It has at most {LONGEST_KEY} characters."})
    return str(key)


def read_upload(request: Request, property_id: int) -> services.Upload:
    """Return what a request brings, judged by the form of the page. Raises ValidationError and FileTooLarge."""
    check_size(request)
    fields, files = _fields(request), request.FILES
    given = UploadSerializer(data=fields)
    given.is_valid(raise_exception=True)
    said = dict(given.validated_data)
    file = files.get("file")
    name = said.pop("name", "") or ("" if file is None or isinstance(file, Body) else file.name)
    if file is not None and not name:
        raise serializers.ValidationError({"name": "Say the file's name, such as orders.csv."})
    form = _form(said, files, property_id)
    if not form.is_valid():
        raise _refusal(form)
    return services.Upload(name, form.cleaned_data["file"].read(), int(form.cleaned_data["stream"]), form.said())


def _fields(request: Request) -> dict[str, Any]:
    """Return what is said in the address and in the form. Raises ValidationError for what nobody would hear."""
    files = request.FILES
    data = cast("dict[str, Any]", request.data)
    said = request.query_params.dict() | {name: data[name] for name in data}
    unknown = sorted(((said.keys() - UploadSerializer().fields.keys()) | files.keys()) - {"file"})
    if unknown:
        raise serializers.ValidationError(dict.fromkeys(unknown[:20], "There is no such field."))
    if len(files.getlist("file")) > 1:
        raise serializers.ValidationError({"file": "Send one file at a time."})
    return said


def _form(said: dict[str, Any], files: Any, property_id: int) -> ImportForm:
    streams = [(str(stream.pk), stream.name) for stream in orgs.streams_of(property_id)]
    if "stream" not in said and len(streams) == 1:
        said["stream"] = streams[0][0]
    if not said.get("stream"):
        listed = ", ".join(f"{number} ({name})" for number, name in streams) or "the property has none yet"
        raise serializers.ValidationError({"stream": f"Say for which stream: {listed}."})
    if said.get("own_mapping", "").strip():
        if said.get("mapping") not in (None, NONE, OWN):
            raise serializers.ValidationError({"own_mapping": "Send `mapping` or `own_mapping`, not both."})
        said["mapping"] = OWN
    return ImportForm(said, files, streams=streams)


def _refusal(form: ImportForm) -> Exception:
    file = form.files.get("file")
    if file is not None and (file.size or 0) > settings.INGESTION_LARGEST_FILE:
        return FileTooLarge()
    return serializers.ValidationError({name: list(map(str, told)) for name, told in form.errors.items()})
