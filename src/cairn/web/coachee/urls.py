"""Addresses of the coachee's pages."""

from django.urls import URLPattern, path

from cairn.web import calendar_file
from cairn.web.coachee import (
    adjustments,
    choosing,
    companions,
    goals,
    home,
    joining,
    journal,
    leaving,
    moving,
    new_position,
    sessions,
    steps,
)

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
    path("leave/<int:enrolment_id>/", leaving.leave, name="leave"),
    path("beside-me/", companions.companions, name="companions"),
    path("beside-me/<int:companion_id>/end/", companions.companion_end, name="companion_end"),
    path("beside/invitation/<str:secret>/", companions.companion_invitation, name="companion_invitation"),
    path("goals/", goals.goals, name="goals"),
    path("goals/<int:goal_id>/", goals.goal, name="goal"),
    path("goals/<int:goal_id>/open/", goals.goal_reopen, name="goal_reopen"),
    path("steps/", steps.steps, name="steps"),
    path("steps/<int:step_id>/", steps.step, name="step"),
    path("steps/<int:step_id>/done/", steps.step_done, name="step_done"),
    path("steps/<int:step_id>/open/", steps.step_reopen, name="step_reopen"),
    path("home/move/", moving.own_move, name="own_move"),
    path("home/move/<int:enrolment_id>/", moving.ask_to_move, name="ask_to_move"),
]
