"""Who passes through each door. One table; everybody who is not named is refused without a hint."""

from dataclasses import dataclass, field
from typing import Any

from tests.doors.furnish import READERS

EVERYBODY = frozenset(READERS)
SIGNED_IN = EVERYBODY - {"anonymous"}
COORDINATOR = frozenset({"coordinator"})
COORDINATORS = frozenset({"coordinator", "foreign_coordinator"})
STAFF = COORDINATORS | {"administrator"}
COACH = frozenset({"coach"})
COACHES = frozenset({"coach", "manager_coach", "foreign_coach"})
COACHEE = frozenset({"coachee"})
COACHEES = frozenset({"coachee", "same_group", "other_group", "other_cohort", "foreign_coachee"})
READ = ("GET",)
WRITE = ("POST",)
BOTH = ("GET", "POST")


@dataclass(frozen=True)
class Expect:
    """Who passes, with which verbs, and what a plain GET answers."""

    who: frozenset[str]
    verbs: tuple[str, ...] = READ
    status: int | tuple[int, ...] = 200
    values: dict[str, Any] = field(default_factory=dict)
    is_page: bool = True


EXPECTED: dict[str, Expect] = {
    # everybody
    "home": Expect(EVERYBODY, status=(200, 302)),
    "me": Expect(SIGNED_IN),
    "my_details": Expect(SIGNED_IN, BOTH),
    "who_sees_what": Expect(EVERYBODY),
    "cohort_proof": Expect(COORDINATOR | COACH | {"manager_coach", "coachee", "same_group", "other_group"}),
    "demo_sign_in": Expect(EVERYBODY, status=404),
    "invitation": Expect(EVERYBODY, BOTH, status=404),
    "health_live": Expect(EVERYBODY, is_page=False),
    "health_ready": Expect(EVERYBODY, is_page=False),
    "metrics": Expect(EVERYBODY, is_page=False),
    # coordinators: the organisation
    "organisation": Expect(STAFF, BOTH),
    "end_role": Expect(frozenset({"coordinator", "administrator"}), WRITE),
    "institutions": Expect(COORDINATOR, BOTH),
    "institution": Expect(COORDINATOR, BOTH),
    "programmes": Expect(COORDINATORS),
    "programme_new": Expect(COORDINATORS, BOTH),
    "programme": Expect(COORDINATOR),
    "programme_edit": Expect(COORDINATOR, BOTH),
    "programme_go_live": Expect(COORDINATOR, WRITE),
    # coordinators: a cohort
    "cohort_new": Expect(COORDINATOR, BOTH),
    "cohort_settings": Expect(COORDINATOR, BOTH),
    "cohort_settings_groups": Expect(COORDINATOR, BOTH),
    "cohort_settings_agreement": Expect(COORDINATOR, BOTH),
    "cohort_plan": Expect(COORDINATOR, BOTH),
    "cohort": Expect(COORDINATOR, BOTH),
    "cohort_people_export": Expect(COORDINATOR, values={"form": "csv"}, is_page=False),
    "cohort_person": Expect(COORDINATOR, BOTH),
    "cohort_person_new": Expect(COORDINATOR, BOTH),
    "cohort_import": Expect(COORDINATOR, BOTH),
    "import_template": Expect(COORDINATOR, is_page=False),
    "import_preview": Expect(COORDINATOR, BOTH),
    "import_apply": Expect(COORDINATOR, WRITE),
    "import_discard": Expect(COORDINATOR, WRITE),
    "import_take_back": Expect(COORDINATOR, WRITE),
    "cohort_coaches": Expect(COORDINATOR),
    "coach_engage": Expect(COORDINATOR, BOTH),
    "cohort_coach": Expect(COORDINATOR, BOTH),
    "cohort_groups": Expect(COORDINATOR),
    "groups_export": Expect(COORDINATOR, values={"form": "csv"}, is_page=False),
    "group_find": Expect(COORDINATOR),
    "group_propose": Expect(COORDINATOR, WRITE),
    "group_progress": Expect(COORDINATOR, status=(200, 204), is_page=False),
    "group_stop": Expect(COORDINATOR, WRITE),
    "group_prices": Expect(COORDINATOR, WRITE),
    "group_adopt": Expect(COORDINATOR, BOTH),
    "group_answers": Expect(COORDINATOR),
    "group_rules": Expect(COORDINATOR, BOTH),
    "group_options": Expect(COORDINATOR),
    "group_move": Expect(COORDINATOR, WRITE),
    "group_pin": Expect(COORDINATOR, WRITE),
    "group_undo": Expect(COORDINATOR, WRITE, values={"version": 1}),
    "group_times": Expect(COORDINATOR, BOTH),
    "group_times_settings": Expect(COORDINATOR, BOTH),
    "group_times_coach": Expect(COORDINATOR, BOTH),
    "cohort_timetable": Expect(COORDINATOR),
    "timetable_export": Expect(COORDINATOR, is_page=False),
    "timetable_plan": Expect(COORDINATOR, BOTH),
    "timetable_add": Expect(COORDINATOR, BOTH),
    "timetable_prepare": Expect(COORDINATOR, WRITE),
    "cohort_session": Expect(COORDINATOR, BOTH),
    "cohort_session_restore": Expect(COORDINATOR, WRITE, values={"version": 1}),
    "cohort_attendance": Expect(COORDINATOR),
    "attendance_export": Expect(COORDINATOR, is_page=False),
    "cohort_money": Expect(COORDINATOR),
    "cohort_money_export": Expect(COORDINATOR, is_page=False),
    "invoices_to_approve": Expect(COORDINATORS),
    "coordinator_invoice": Expect(COORDINATOR, BOTH),
    "withdraw_approval": Expect(COORDINATOR, WRITE),
    "cohort_requests": Expect(COORDINATOR),
    "cohort_new_position": Expect(COORDINATOR, BOTH, status=302),
    "requests": Expect(COORDINATORS),
    "adjustments_to_answer": Expect(COORDINATORS),
    "cohort_adjustments": Expect(COORDINATOR),
    "cohort_person_adjustments": Expect(COORDINATOR, BOTH),
    "adjustment": Expect(COORDINATOR, BOTH),
    "adjustment_undo": Expect(COORDINATOR, WRITE, values={"state": "declined"}),
    "moves_to_answer": Expect(COORDINATORS),
    "cohort_moves": Expect(COORDINATOR),
    "move_request": Expect(COORDINATOR, BOTH),
    "move_request_undo": Expect(COORDINATOR, WRITE),
    "request": Expect(COORDINATOR, BOTH),
    "request_undo": Expect(COORDINATOR, WRITE),
    "retry_mail": Expect(COORDINATOR, WRITE),
    "retry_job": Expect(COORDINATOR, WRITE),
    # coaches
    "coach_engagement": Expect(COACH, BOTH),
    "coach_times": Expect(COACH, BOTH),
    "coach_today": Expect(COACHES),
    "coach_familiarisation": Expect(COACH, WRITE),
    "coach_session": Expect(COACH, BOTH),
    "coach_mark": Expect(COACH, WRITE),
    "coach_session_cancel": Expect(COACH, WRITE),
    "coach_session_undo": Expect(COACH, WRITE, values={"version": 1}),
    "coach_coachees": Expect(COACHES),
    "coach_coachees_export": Expect(COACHES, is_page=False),
    "coach_coachee": Expect(COACH),
    "coach_calendar": Expect(COACHES),
    "coach_invoices": Expect(COACHES),
    "draft_invoice": Expect(COACH, WRITE),
    "coach_invoice": Expect(COACH, BOTH),
    "invoice_pdf": Expect(COACH | COORDINATOR, is_page=False),
    "invoice_xlsx": Expect(COACH | COORDINATOR, is_page=False),
    "coach_new_position": Expect(COACH, BOTH),
    "coach_ask_to_move": Expect(COACH, BOTH),
    "coach_workbook": Expect(COACH, BOTH),
    "workbook_download": Expect(COACH, is_page=False),
    "workbook_preview": Expect(COACH, BOTH),
    # beside somebody: their coach, or their companion
    "coach_beside": Expect(COACHES | {"former_coach"}),
    "coachee_journey": Expect(COACH),
    "coachee_item": Expect(COACH),
    "coachee_step": Expect(COACH, WRITE),
    "coachee_pick": Expect(COACH, BOTH),
    "coachee_pick_back": Expect(COACH, WRITE),
    "coachee_note_new": Expect(COACH, WRITE),
    "coachee_note": Expect(COACH, BOTH),
    "coachee_note_delete": Expect(COACH, WRITE),
    # coachees
    "choose_times": Expect(COACHEE, BOTH),
    "new_position": Expect(COACHEE, BOTH),
    "own_move": Expect(COACHEES, status=302),
    "ask_to_move": Expect(COACHEE, BOTH),
    "coachee_home": Expect(SIGNED_IN),
    "own_adjustments": Expect(COACHEES, status=302),
    "adjustments": Expect(COACHEE, BOTH),
    "coachee_sessions": Expect(COACHEES),
    "coachee_session": Expect(COACHEE),
    "send_apologies": Expect(COACHEE, WRITE),
    "withdraw_apologies": Expect(COACHEE, WRITE),
    "session_ics": Expect(COACH | COACHEE, is_page=False),
    "join": Expect(COACHEE),
    "join_details": Expect(COACHEE, BOTH),
    "join_mixing": Expect(COACHEE, BOTH),
    "join_agreement": Expect(COACHEE, BOTH, status=(200, 302)),
    "leave": Expect(COACHEE, BOTH),
    "companions": Expect(SIGNED_IN, BOTH),
    "companion_end": Expect(frozenset({"other_group", "former_coach"}), WRITE),
    "companion_invitation": Expect(EVERYBODY, BOTH),
    "journal": Expect(SIGNED_IN, BOTH),
    "journal_save": Expect(SIGNED_IN, WRITE),
    "journal_search": Expect(SIGNED_IN, BOTH),
    "journal_entry": Expect(COACHEE, BOTH),
    "journal_delete": Expect(COACHEE, WRITE),
    # goals and steps: whoever is signed in, and only their own
    "goals": Expect(SIGNED_IN, BOTH),
    "goal": Expect(COACHEE, BOTH),
    "goal_reopen": Expect(COACHEE, WRITE),
    "steps": Expect(SIGNED_IN, BOTH),
    "step": Expect(COACHEE, BOTH),
    "rhythm": Expect(SIGNED_IN, BOTH),
    "preparation": Expect(COACHEE, BOTH),
    "preparation_save": Expect(COACHEE, WRITE),
    "step_done": Expect(COACHEE, WRITE),
    "step_reopen": Expect(COACHEE, WRITE),
    # exercises: everybody's to begin, and each doing only its own person's
    "exercises": Expect(SIGNED_IN),
    "exercise": Expect(SIGNED_IN),
    "exercise_begin": Expect(SIGNED_IN, WRITE),
    "exercise_run": Expect(COACHEE, BOTH),
    "exercise_run_save": Expect(COACHEE, WRITE, is_page=False),
    "exercise_run_delete": Expect(COACHEE, WRITE),
    "exercise_compare": Expect(COACHEE),
    "portrait": Expect(SIGNED_IN, BOTH),
    # the walk: everybody's own, with an empty page where nothing was written yet
    "intake": Expect(SIGNED_IN, BOTH),
    "path_map": Expect(SIGNED_IN),
    "path_next": Expect(SIGNED_IN, status=302),
    "path_homework": Expect(SIGNED_IN, BOTH),
    "question": Expect(SIGNED_IN, BOTH),
    "question_save": Expect(SIGNED_IN, WRITE, is_page=False),
    "question_versions": Expect(COACHEE),
    "question_look_back": Expect(COACHEE, BOTH),
    # sharing: everybody's own, with one's coach or companion
    "sharing": Expect(SIGNED_IN),
    "share_kind": Expect(SIGNED_IN, BOTH),
    "share_item": Expect(COACHEE, BOTH),
    "share_withdraw": Expect(COACHEE, WRITE),
    "share_withdraw_all": Expect(SIGNED_IN, WRITE),
    "seen_by": Expect(COACHEE | {"same_group"}),  # the coach of both
    "item_seen_by": Expect(COACHEE),
    "pick_away": Expect(COACHEE, WRITE),
    "agreement": Expect(COACHEE),
}
