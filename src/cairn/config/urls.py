"""Every address of the product. Each area keeps its own list; a URL without a declared door stops the start."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from cairn.web import outbox, styleguide

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("cairn.web.account.urls")),
    path("", include("cairn.web.coordinator.urls")),
    path("", include("cairn.web.coach.urls")),
    path("", include("cairn.web.coachee.urls")),
    path("", include("cairn.api.urls")),
    path("accounts/", include("allauth.urls")),
]
if settings.DEBUG or settings.CAIRN_DEMO:
    urlpatterns.append(path("styleguide/", styleguide.styleguide, name="styleguide"))
    urlpatterns += outbox.urlpatterns

handler403 = "cairn.web.errors.forbidden"
handler404 = "cairn.config.missing.not_found"
handler500 = "cairn.web.errors.broken"
