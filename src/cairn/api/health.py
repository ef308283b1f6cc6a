"""Health and figures, for whatever watches over this Cairn."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare

from cairn.foundation import health
from cairn.foundation import metrics as figures
from cairn.gate import anyone, door

HERE = frozenset({"127.0.0.1", "::1"})


@door(who=anyone, methods=("GET",))
def live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"live": True})


@door(who=anyone, methods=("GET",))
def ready(request: HttpRequest) -> HttpResponse:
    """The process can work: database there, migrations applied."""
    found = health.readiness()
    return JsonResponse({"ready": found.ready, "reason": found.reason}, status=200 if found.ready else 503)


@door(who=anyone, methods=("GET",))
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus: with the token, or from this machine when no token is set and no proxy is in between."""
    token = settings.CAIRN_METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    from_here = request.META.get("REMOTE_ADDR") in HERE and "X-Forwarded-For" not in request.headers
    if not (constant_time_compare(given, token) if token else from_here):
        raise Http404
    health.measure()
    return HttpResponse(figures.exposition(), content_type="text/plain; version=0.0.4")
