"""Addresses of the coach's pages."""

from django.urls import URLPattern, path

from cairn.web.coach import (
    calendar,
    coachees,
    engagements,
    invoices,
    journey,
    moving,
    new_position,
    polls,
    questions,
    sessions,
    times,
    today,
    workbook,
)

urlpatterns: list[URLPattern] = [
    path("today/", today.today, name="coach_today"),
    path("coach/familiarisation/<int:engagement_id>/", today.familiarisation, name="coach_familiarisation"),
    path("coach/sessions/<int:session_id>/", sessions.session, name="coach_session"),
    path("coach/sessions/<int:session_id>/attendance/", today.mark, name="coach_mark"),
    path("coach/sessions/<int:session_id>/cancel/", sessions.cancel, name="coach_session_cancel"),
    path("coach/sessions/<int:session_id>/undo/<int:version>/", sessions.undo, name="coach_session_undo"),
    path("coach/sessions/<int:group_session_id>/poll/", polls.coach_poll, name="coach_poll"),
    path("coachees/", coachees.coachees, name="coach_coachees"),
    path("coachees/export/", coachees.export, name="coach_coachees_export"),
    path("coachees/<int:enrolment_id>/", coachees.coachee, name="coach_coachee"),
    path("questions/", questions.coach_questions, name="coach_questions"),
    path("questions/path/", questions.coach_path, name="coach_path"),
    path(
        "questions/<int:contribution_id>/withdraw/", questions.coach_question_withdraw, name="coach_question_withdraw"
    ),
    path("calendar/", calendar.calendar, name="coach_calendar"),
    path("invoices/", invoices.coach_invoices, name="coach_invoices"),
    path("invoices/draft/<int:engagement_id>/<int:quarter>/", invoices.draft_invoice, name="draft_invoice"),
    path("invoices/<int:invoice_id>/", invoices.coach_invoice, name="coach_invoice"),
    path("invoices/<int:invoice_id>.pdf", invoices.invoice_pdf, name="invoice_pdf"),
    path("invoices/<int:invoice_id>.xlsx", invoices.invoice_xlsx, name="invoice_xlsx"),
    path("engagements/<int:engagement_id>/", engagements.coach_engagement, name="coach_engagement"),
    path("engagements/<int:engagement_id>/times/", times.coach_times, name="coach_times"),
    path("coachees/<int:enrolment_id>/new-position/", new_position.coach_new_position, name="coach_new_position"),
    path("workbook/<int:engagement_id>/", workbook.coach_workbook, name="coach_workbook"),
    path("workbook/<int:engagement_id>/download/", workbook.workbook_download, name="workbook_download"),
    path("workbook/preview/<int:upload_id>/", workbook.workbook_preview, name="workbook_preview"),
    path("coachees/<int:enrolment_id>/move/", moving.coach_ask_to_move, name="coach_ask_to_move"),
    path("beside/", journey.beside, name="coach_beside"),
    path("beside/<int:person_id>/", journey.coachee_journey, name="coachee_journey"),
    path("beside/<int:person_id>/steps/", journey.coachee_step, name="coachee_step"),
    path("beside/<int:person_id>/pick/", journey.coachee_pick, name="coachee_pick"),
    path("beside/<int:person_id>/picks/<int:pick_id>/back/", journey.coachee_pick_back, name="coachee_pick_back"),
    path("beside/<int:person_id>/notes/", journey.coachee_note_new, name="coachee_note_new"),
    path("beside/<int:person_id>/notes/<int:note_id>/", journey.coachee_note, name="coachee_note"),
    path("beside/<int:person_id>/notes/<int:note_id>/delete/", journey.coachee_note_delete, name="coachee_note_delete"),
    path("beside/<int:person_id>/<slug:kind>/<int:item_id>/", journey.coachee_item, name="coachee_item"),
]
