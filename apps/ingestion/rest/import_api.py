"""Imports of files for programs: what the page *Imports* does, by the same services."""

from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.ingestion import queries, services, tasks, wiring
from apps.ingestion.adapters.file_mappings import built_in, mapping_of_file, text_of
from apps.ingestion.domain.mapping import FIELDS, column_of
from apps.ingestion.forms import ImportForm
from apps.ingestion.models import FileImport
from apps.ingestion.rest import import_problems as problems
from apps.ingestion.rest import import_serializers as shapes
from apps.ingestion.rest.import_examples import BEGUN, NEW, OTHERWISE, PREVIEW, READ, REPORT, RETRIED
from apps.ingestion.rest.import_uploads import PARSERS, key_of, read_reading, read_upload
from apps.orgs import api as orgs

_TAGS = ["imports"]
_OWN = "userId=customer timestamp=at properties.value=paid event='Order Paid' type='track'"
_BODIES = {"multipart/form-data": shapes.UploadForm, "application/octet-stream": bytes}
_OUTCOMES = {201: shapes.ImportSerializer, 200: shapes.ImportSerializer}


class ImportView(orgs.PropertyView):
    """An operation about imports of files: open to whoever may import on the page."""

    needs = orgs.Permission.IMPORTS

    def found(self, run_id: int) -> FileImport:
        """Return an import of this property. Raises Http404."""
        run = queries.imports_of(self.info.id).filter(pk=run_id).first()
        if run is None:
            raise Http404
        return run

    def look(self, run: FileImport) -> services.Look:
        """Return what the first rows of a file become. Raises Unreadable."""
        try:
            return services.look_at_file(
                run, sender=wiring.importer(self.info, run.stream_id), days=self.info.time_zone
            )
        except services.CANNOT_BE_READ as error:
            raise problems.Unreadable(str(error)) from None


class Imports(ImportView):
    """The imports of a property."""

    needs = orgs.Permission.IMPORTS
    parser_classes = PARSERS

    @extend_schema(
        parameters=[shapes.ImportsQuery], responses=shapes.ImportsAnswer, operation_id="imports", tags=_TAGS,
        summary="Imports of files, newest first",
    )  # fmt: skip
    def get(self, request: Request, property_id: int) -> Response:
        """List imports, a page at a time."""
        asked = shapes.ImportsQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        page, rows = asked.validated_data, queries.imports_of(property_id).order_by("-pk")
        if "before" in page:
            rows = rows.filter(pk__lt=page["before"])
        listed = list(rows[: page["limit"]])
        onward = listed[-1].pk if len(listed) == page["limit"] else None
        return Response(shapes.ImportsAnswer({"rows": listed, "next": onward}).data)

    @extend_schema(
        parameters=[problems.IDEMPOTENCY_KEY, shapes.UploadSerializer], request=_BODIES, responses=_OUTCOMES,
        operation_id="upload_import", tags=_TAGS, summary="Upload a file", examples=[NEW, RETRIED],
    )  # fmt: skip
    def post(self, request: Request, property_id: int) -> Response:
        """Keep a file for a day, so that you can see what it becomes; nothing is imported before you begin.

        A form (multipart) with the file in `file`, or the file as the body, with its name and the rest in the address.
        Sent again it is the same import (200, `Idempotent-Replayed`): by the `Idempotency-Key`, or without one by the
        file, its name, and what is said about it.
        """
        key, sent = key_of(request), read_upload(request, property_id)
        with transaction.atomic():
            run, is_new = self._kept(request, key, sent)
            if is_new:
                self.look(run)
        answer = Response(shapes.imported(run), status=201 if is_new else 200)
        if not is_new:
            answer["Idempotent-Replayed"] = "true"
        return answer

    def _kept(self, request: Request, key: str, sent: services.Upload) -> tuple[FileImport, bool]:
        person = request.user if hasattr(request.user, "get_username") else None
        try:
            return services.upload_once(sent, property_id=self.info.id, key=key, made_by=person, now=timezone.now())
        except services.KeyReused:
            raise problems.KeyReused from None
        except services.TooManyFiles:
            raise problems.TooManyFiles from None


class OneImport(ImportView):
    """One import."""

    needs = orgs.Permission.IMPORTS

    @extend_schema(
        responses=shapes.ImportSerializer, operation_id="import", tags=_TAGS, summary="An import, and how far it is",
        examples=[BEGUN],
    )  # fmt: skip
    def get(self, request: Request, property_id: int, run_id: int) -> Response:  # noqa: ARG002  the framework's
        """Return an import with its counts."""
        return Response(shapes.imported(self.found(run_id)))

    @extend_schema(
        request=shapes.ReadingSerializer, responses=shapes.ImportSerializer, operation_id="read_import_otherwise",
        tags=_TAGS, summary="Change how a file is read, without sending it again", examples=[OTHERWISE, READ],
    )  # fmt: skip
    def patch(self, request: Request, property_id: int, run_id: int) -> Response:
        """Change what is said about a file that was not begun; what you leave out stays as it is said.

        A file that cannot be read so is 422, and is read as before.
        """
        run = self.found(run_id)
        stream_id, said = read_reading(request, run)
        try:
            with transaction.atomic():
                run = services.read_otherwise(property_id=property_id, run_id=run.pk, stream_id=stream_id, said=said)
                self.look(run)
        except services.ImportOver:
            raise problems.BegunBefore from None
        return Response(shapes.imported(self.found(run_id)))

    @extend_schema(
        responses={204: None}, operation_id="discard_import", tags=_TAGS, summary="Forget a file that was not imported"
    )
    def delete(self, request: Request, property_id: int, run_id: int) -> Response:  # noqa: ARG002  the framework's
        """Forget a file that was not begun, or whose import failed; what is imported cannot be taken back (409)."""
        run = self.found(run_id)
        try:
            services.discard_import(property_id=property_id, run_id=run.pk)
        except services.ImportOver:
            raise problems.BegunBefore from None
        return Response(status=204)


class BegunImport(ImportView):
    """An import that begins."""

    needs = orgs.Permission.IMPORTS

    @extend_schema(
        parameters=[shapes.BeginQuery], request=None, responses={202: shapes.ImportSerializer},
        operation_id="begin_import", tags=_TAGS,
        summary="Begin an import, or go on with one that failed",
    )  # fmt: skip
    def post(self, request: Request, property_id: int, run_id: int) -> Response:
        """Import the file; ask for the import to see how far it is. One that was begun is left alone (409)."""
        run = self.found(run_id)
        asked = shapes.BeginQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        reading = asked.validated_data.get("reading", "")
        try:
            services.begin_import(property_id=property_id, run_id=run.pk, now=timezone.now(), reading=reading)
        except services.ReadOtherwise:
            raise problems.ReadOtherwise from None
        except services.ImportOver:
            raise problems.BegunBefore from None
        transaction.on_commit(lambda: tasks.request_import(run.pk, property_id))
        return Response(shapes.imported(self.found(run_id)), status=202)


class Preview(ImportView):
    """What a file becomes."""

    needs = orgs.Permission.IMPORTS

    @extend_schema(
        responses=shapes.PreviewAnswer, operation_id="preview_import", tags=_TAGS,
        summary="What the first 20 rows of a file become", examples=[PREVIEW],
    )  # fmt: skip
    def get(self, request: Request, property_id: int, run_id: int) -> Response:  # noqa: ARG002  the framework's
        """Read the first rows by the steps of the import, and store nothing; 409 once the file was imported."""
        run = self.found(run_id)
        if run.status == FileImport.Status.SUCCEEDED:
            raise problems.FileGone
        look = self.look(run)
        rejected = [one._asdict() for one in look.rejected]
        said = {"form": look.form, "events": look.events, "not_understood": rejected, "unread": look.unread}
        return Response(shapes.PreviewAnswer(said).data)


class Report(ImportView):
    """What an import did not understand."""

    needs = orgs.Permission.IMPORTS

    @extend_schema(
        parameters=[shapes.ReportQuery], responses=shapes.ReportAnswer, operation_id="import_report", tags=_TAGS,
        summary="What was not understood, row by row", examples=[REPORT],
    )  # fmt: skip
    def get(self, request: Request, property_id: int, run_id: int) -> Response:  # noqa: ARG002  the framework's
        """List the rows that were not understood, in the order of the file, also while the import goes on."""
        asked = shapes.ReportQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        after, limit = asked.validated_data["after"], asked.validated_data["limit"]
        rows: list[Any] = services.rows_of_report(self.found(run_id).work.report, after=after, limit=limit)
        onward = after + limit if len(rows) == limit else None
        return Response(shapes.ReportAnswer({"rows": rows, "next": onward}).data)


class Mappings(ImportView):
    """The mappings that the product brings."""

    needs = orgs.Permission.IMPORTS

    @extend_schema(
        responses=shapes.MappingsAnswer, operation_id="import_mappings", tags=_TAGS,
        summary="Mappings: those of the product, and how to write your own",
    )  # fmt: skip
    def get(self, request: Request, property_id: int) -> Response:  # noqa: ARG002  the framework's signature
        """List the mappings with the columns that they read; the language is that of `mappings/README.md`."""
        titles = dict(ImportForm.base_fields["mapping"].choices)  # type: ignore[attr-defined]
        rows = [
            {
                "name": name,
                "title": titles[name],
                "columns": sorted({column_of(column) for column in mapping_of_file(name).columns()}),
                "text": text_of(name),
            }
            for name in built_in()
        ]
        return Response(shapes.MappingsAnswer({"mappings": rows, "fields": sorted(FIELDS), "example": _OWN}).data)
