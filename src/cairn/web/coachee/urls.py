"""Addresses of the coachee's pages."""

from django.urls import URLPattern, path

from cairn.web.coachee import joining, journal

urlpatterns: list[URLPattern] = [
    path("journal/", journal.journal, name="journal"),
    path("journal/<int:entry_id>/", journal.journal_entry, name="journal_entry"),
    path("journal/<int:entry_id>/delete/", journal.journal_delete, name="journal_delete"),
    path("join/<int:enrolment_id>/", joining.join, name="join"),
    path("join/<int:enrolment_id>/details/", joining.join_details, name="join_details"),
    path("join/<int:enrolment_id>/mixing/", joining.join_mixing, name="join_mixing"),
    path("join/<int:enrolment_id>/agreement/", joining.join_agreement, name="join_agreement"),
]
