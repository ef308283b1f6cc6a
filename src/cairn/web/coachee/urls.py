"""Addresses of the coachee's pages."""

from django.urls import URLPattern, path

from cairn.web import calendar_file
from cairn.web.coachee import adjustments, choosing, home, joining, journal, moving, new_position, sessions

urlpatterns: list[URLPattern] = [
    path("home/", home.home, name="coachee_home"),
    path("home/adjustments/", adjustments.own_adjustments, name="own_adjustments"),
    path("home/adjustments/<int:enrolment_id>/", adjustments.adjustments, name="adjustments"),
    path("sessions/", sessions.sessions, name="coachee_sessions"),
    path("sessions/<int:session_id>/", sessions.session, name="coachee_session"),
    path("sessions/<int:session_id>/apologies/", sessions.send_apologies, name="send_apologies"),
    path("sessions/<int:session_id>/apologies/withdraw/", sessions.withdraw_apologies, name="withdraw_apologies"),
    path("sessions/<int:session_id>/calendar.ics", calendar_file.session_ics, name="session_ics"),
    path("journal/", journal.journal, name="journal"),
    path("journal/<int:entry_id>/", journal.journal_entry, name="journal_entry"),
    path("journal/<int:entry_id>/delete/", journal.journal_delete, name="journal_delete"),
    path("join/<int:enrolment_id>/", joining.join, name="join"),
    path("join/<int:enrolment_id>/details/", joining.join_details, name="join_details"),
    path("join/<int:enrolment_id>/mixing/", joining.join_mixing, name="join_mixing"),
    path("join/<int:enrolment_id>/agreement/", joining.join_agreement, name="join_agreement"),
    path("choose/<int:enrolment_id>/", choosing.choose_times, name="choose_times"),
    path("home/new-position/<int:enrolment_id>/", new_position.new_position, name="new_position"),
    path("home/move/", moving.own_move, name="own_move"),
    path("home/move/<int:enrolment_id>/", moving.ask_to_move, name="ask_to_move"),
]
