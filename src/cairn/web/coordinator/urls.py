"""Addresses of the coordinator's pages."""

from django.urls import URLPattern, path

from cairn.web.coordinator import organisation

urlpatterns: list[URLPattern] = [
    path("organisation/", organisation.organisation, name="organisation"),
    path("organisation/<int:organisation_id>/roles/end/<int:grant_id>/", organisation.end_role, name="end_role"),
]
