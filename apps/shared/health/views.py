"""Answers for load balancers and for Prometheus."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from apps.shared import metrics, regions
from apps.shared.health import stores


def health(_request: HttpRequest) -> JsonResponse:
    """Say that the process is alive; asks nobody."""
    return JsonResponse({"status": "alive", "process": settings.PROCESS, "version": settings.VERSION})


def ready(_request: HttpRequest) -> JsonResponse:
    """Say whether the stores answer; 503 names the ones that do not."""
    answers = stores.ask_all()
    needed = _needed_at_the_door() if settings.PROCESS == "collect" else tuple(answers)
    failing = [name for name in needed if not answers[name].is_ready]
    body = {
        "status": "not ready" if failing else "ready",
        **({"regions": regions.served()} if regions.declared() else {}),
        "failing": failing,
        "stores": {
            name: {"ready": answer.is_ready, "ms": round(answer.seconds * 1000, 1), "error": answer.error}
            for name, answer in answers.items()
        },
    }
    return JsonResponse(body, status=503 if failing else 200)


def _needed_at_the_door() -> tuple[str, ...]:
    """Return what collect cannot do without: it stays open while ClickHouse or the cache is away."""
    served = [stores.named(store, region) for region in regions.served() for store in ("event_log", "postgresql")]
    return tuple(dict.fromkeys(("postgresql", *(name for name in served if name in stores.STORES))))


def figures(_request: HttpRequest) -> HttpResponse:
    """Return the figures of this machine in Prometheus' text format."""
    content, content_type = metrics.latest()
    return HttpResponse(content, content_type=content_type)
