"""A file in a request: in a form, or as the whole body with what is said about it in the address."""

from collections.abc import Iterable
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
from apps.ingestion.forms import ImportForm, ReadingForm, as_filled_in
from apps.ingestion.forms.importing import NONE, OWN
from apps.ingestion.models import FileImport
from apps.ingestion.rest.import_serializers import ReadingSerializer, UploadSerializer
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
    form = ImportForm(_filled_in(said, property_id), files, streams=_streams(property_id))
    if not form.is_valid():
        raise _refusal(form)
    return services.Upload(name, form.cleaned_data["file"].read(), int(form.cleaned_data["stream"]), form.said())


def read_reading(request: Request, run: FileImport) -> tuple[int, services.HowToRead]:
    """Return the stream and how the file of *run* is to be read: as it was, but for what a request says.

    Raises ValidationError.
    """
    said = cast("dict[str, Any]", request.data)
    if not isinstance(said, dict):
        raise serializers.ValidationError("Send an object.")
    _check_names(said.keys(), ReadingSerializer)
    given = ReadingSerializer(data=said)
    given.is_valid(raise_exception=True)
    before = as_filled_in(run)
    if "mapping" in given.validated_data:
        before["own_mapping"] = ""
    elif given.validated_data.get("own_mapping", "").strip():
        before["mapping"] = OWN
    filled_in = _filled_in({**before, **given.validated_data}, run.property_id)
    form = ReadingForm(filled_in, streams=_streams(run.property_id))
    if not form.is_valid():
        raise _refusal(form)
    return int(form.cleaned_data["stream"]), form.said()


def _fields(request: Request) -> dict[str, Any]:
    """Return what is said in the address and in the form. Raises ValidationError for what nobody would hear."""
    files = request.FILES
    data = cast("dict[str, Any]", request.data)
    said = request.query_params.dict() | {name: data[name] for name in data}
    _check_names((said.keys() | files.keys()) - {"file"}, UploadSerializer)
    if len(files.getlist("file")) > 1:
        raise serializers.ValidationError({"file": "Send one file at a time."})
    return said


def _check_names(names: Iterable[str], shape: type[serializers.Serializer]) -> None:
    unknown = sorted(set(names) - shape().fields.keys())
    if unknown:  # an answer can hold no half of a character
        told = (str(name)[:200].encode(errors="replace").decode() for name in unknown[:20])
        raise serializers.ValidationError(dict.fromkeys(told, "There is no such field."))


def _streams(property_id: int) -> list[tuple[str, str]]:
    return [(str(stream.pk), stream.name) for stream in orgs.streams_of(property_id)]


def _filled_in(said: dict[str, Any], property_id: int) -> dict[str, Any]:
    """Return what a person would have filled in. Raises ValidationError."""
    streams = _streams(property_id)
    if "stream" not in said and len(streams) == 1:
        said["stream"] = streams[0][0]
    if not said.get("stream"):
        listed = ", ".join(f"{number} ({name})" for number, name in streams) or "the property has none yet"
        raise serializers.ValidationError({"stream": f"Say for which stream: {listed}."})
    if said.get("own_mapping", "").strip():
        if said.get("mapping") not in (None, NONE, OWN):
            raise serializers.ValidationError({"own_mapping": "Send `mapping` or `own_mapping`, not both."})
        said["mapping"] = OWN
    return said


def _refusal(form: ReadingForm) -> Exception:
    file = form.files.get("file")
    if file is not None and (file.size or 0) > settings.INGESTION_LARGEST_FILE:
        return FileTooLarge()
    return serializers.ValidationError({name: list(map(str, told)) for name, told in form.errors.items()})
