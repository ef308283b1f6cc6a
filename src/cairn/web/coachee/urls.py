"""Addresses of the coachee's pages."""

from django.urls import URLPattern, path

from cairn.web.coachee import journal

urlpatterns: list[URLPattern] = [
    path("journal/", journal.journal, name="journal"),
    path("journal/<int:entry_id>/", journal.journal_entry, name="journal_entry"),
    path("journal/<int:entry_id>/delete/", journal.journal_delete, name="journal_delete"),
]
