"""A door of the same server and framework that takes a body and does nothing with it: what ours is compared with.

A machine's speed swings, and a rate says little without one that was measured beside it. `application` is served by
granian with the flags of collect, one worker: `/drf` is an empty view of Django REST framework, `/plain` one of Django
that reads the body and answers JSON. Neither looks at a key, writes to a disk or waits for one.
"""

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path

if not settings.configured:
    settings.configure(
        SECRET_KEY="nothing is signed here",  # noqa: S106
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": [], "UNAUTHENTICATED_USER": None},
    )
    django.setup()

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class Empty(APIView):
    """Takes a body and says so."""

    def post(self, _request: Request) -> Response:
        """Answer without looking at what came."""
        return Response({"success": True})


def plain(request: HttpRequest) -> JsonResponse:
    """Read the body and answer."""
    return JsonResponse({"success": bool(request.body)})


urlpatterns = [path("drf", Empty.as_view()), path("plain", plain), path("ready", plain)]
application = get_wsgi_application()
