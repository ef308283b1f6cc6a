"""The cast's world with something behind every address, and canaries in every row that is not everybody's.

A canary is a text that must not leave the rooms of those who may see it. `CANARIES` says who may.
"""

import datetime as dt
import hashlib
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from cairn.delivery import actions as delivery_actions
from cairn.delivery.models import Attendance, CalendarFeed, CoachingSession, Hold, PersonTime, SlotWatch, WorkbookUpload
from cairn.engines.availability import Differing, Hours
from cairn.engines.portrait import Offer
from cairn.foundation.models import MailMessage
from cairn.journey import actions as journey_actions
from cairn.journey.models import Companion, Erasure, Share
from cairn.journey.terms import ItemKind
from cairn.ledger.models import Invoice
from cairn.library import actions as library_actions
from cairn.library import queries as library
from cairn.people import actions as people_actions
from cairn.people.models import Organisation, Person
from cairn.programmes import actions as programme_actions
from cairn.programmes.models import (
    Adjustment,
    ClosedDay,
    Cohort,
    ConflictOfInterest,
    Enrolment,
    GroupSlot,
    MixingAnswer,
    MixingAttribute,
    NewPosition,
    PairRule,
    ParticipantImport,
    Programme,
    SlotChoice,
)
from tests import cast

READERS = {
    "anonymous": None,
    "coachee": "thandiwe",
    "same_group": "part",
    "other_group": "siobhan",
    "other_cohort": "tomasz",
    "foreign_coachee": "nia",
    "coach": "ioana",
    "manager_coach": "malik",
    "former_coach": "rosa",
    "foreign_coach": "lena",
    "coordinator": "halina",
    "foreign_coordinator": "gwen",
    "adviser": "ada",
    "sponsor": "sabine",
    "administrator": "otto",
}
HARBOUR = {"foreign_coachee", "foreign_coach", "foreign_coordinator"}
EASTMERE_STAFF = {"coordinator", "administrator"}

# text → who may be shown it
CANARIES = {
    "LEAK-harbour": HARBOUR,
    "LEAK-nia": HARBOUR,
    "LEAK-tomasz": EASTMERE_STAFF | {"other_cohort"},
    "leak-part@": EASTMERE_STAFF | {"same_group", "coach"},
    "leak-siobhan@": EASTMERE_STAFF | {"other_group", "manager_coach"},
    "LEAK-office": {"coach", "coachee"},  # whoever is about to book there
    "LEAK-mixing": {"coachee"},
    "LEAK-journal": {"coachee"},
    "LEAK-answer": {"coachee"},
    "LEAK-brought": {"coachee"},
    "LEAK-found": {"coachee"},
    "LEAK-title": {"coachee"},
    "LEAK-tag": {"coachee"},
    "LEAK-prompt": {"coachee"},
    "LEAK-waiting": {"coachee"},
    "LEAK-shared": {"coachee", "coach"},
    "LEAK-private-note": {"coach"},
    "LEAK-common-note": {"coach", "coachee"},
    "LEAK-contributed-open": {"coach", "coordinator"},
    "LEAK-contributed-used": {"coach", "manager_coach", "coordinator"},
    "LEAK-contributed-refused": {"manager_coach", "coordinator"},
    # a note for coaches; the former coach is somebody's companion now
    "Begin with the whole life and let work come in": {"coach", "manager_coach", "foreign_coach", "former_coach"},
    "LEAK-portrait": {"coachee"},
    "LEAK-offer": {"coachee"},
    "leak-companion@": {"other_group"},
    "leak-asked@": set(),
    "LEAK-doing": {"coachee"},
    "LEAK-goal": {"coachee"},
    "LEAK-review": {"coachee"},
    "LEAK-bring": {"coachee"},
    "LEAK-step": {"coachee"},
    "LEAK-agreed": {"coachee", "coach"},
    "LEAK-link": {"coach"},
    "LEAK-point": {"coach", "manager_coach", "coordinator"},
    "LEAK-agenda": {"coach", "manager_coach", "coordinator"},
    "LEAK-noted": {"coach", "manager_coach", "coordinator"},
    "LEAK-parting": {"coach"},
    "LEAK-asked": {"coach", "coordinator", "coachee", "same_group", "other_group"},
    "LEAK-topic": set(),
    "LEAK-slot": set(),
    "LEAK-query": {"coach", "coordinator"},
    "LEAK-manager": {"coordinator"},
    "LEAK-wellbeing": set(READERS) - HARBOUR - {"anonymous", "administrator", "adviser", "sponsor"},
    "LEAK-import": {"coordinator"},
    "LEAK-need": {"coordinator", "coachee"},
    "LEAK-part-need": {"coordinator", "same_group"},
    "LEAK-arranged": {"coordinator", "same_group", "coach"},
    "LEAK-token": {"coordinator"},
    "leak-hook": {"coordinator"},
    "LEAK-busy": {"coachee"},
    "LEAK-way": set(),
    "LEAK-position": {"coordinator", "coach", "coachee"},
}


def furnish() -> tuple[cast.World, dict[str, Any]]:
    """Build the world and return it with the value of each parameter that an address may take."""
    world = cast.build()
    _rename(world)
    at = cast.AT
    held = _session(world, kind="group", group=world.groups[1], position=1, starts=at - dt.timedelta(days=7))
    coming = _session(
        world,
        kind="one_to_one",
        enrolment=world.enrolments["thandiwe"],
        position=1,
        starts=at + dt.timedelta(days=20),
        where="https://meet.example/LEAK-link",
    )
    undated = CoachingSession.objects.create(
        cohort=world.cohort,
        kind="one_to_one",
        engagement=world.engagements["ioana"],
        enrolment=world.enrolments["thandiwe"],
        position=2,
        minutes=60,
        time_zone="Europe/London",
    )
    Attendance.objects.create(
        session=held,
        enrolment=world.enrolments["thandiwe"],
        mark="attended",
        marked_by=world.ioana,
        marked_at=at,
    )
    attribute = MixingAttribute.objects.create(
        cohort=world.cohort, key="gender", label="Gender", is_protected=True, choices=["woman", "man", "another"]
    )
    MixingAnswer.objects.create(
        enrolment=world.enrolments["thandiwe"], attribute=attribute, value="LEAK-mixing", consented=True, answered_at=at
    )
    entry = journey_actions.write_entry(
        text="LEAK-journal", title="LEAK-title", tags=("LEAK-tag",), prompt="LEAK-prompt", by=world.thandiwe, at=at
    )
    journey_actions.prepare_import(files=[("LEAK-waiting.md", b"LEAK-waiting")], said=str, by=world.thandiwe, at=at)
    invoice = Invoice.objects.create(
        engagement=world.engagements["ioana"],
        coach=world.ioana,
        quarter=1,
        quarter_starts_on=dt.date(2026, 9, 7),
        quarter_ends_on=dt.date(2026, 12, 6),
        number="2026-1",
        currency="GBP",
        tax_basis_points=None,
        state="queried",
        query="LEAK-query",
        drafted_at=at,
        issued_at=at,
    )
    position = NewPosition.objects.create(
        enrolment=world.enrolments["thandiwe"], starts_on=at.date(), said_by=world.thandiwe, said_at=at
    )
    adjustment = Adjustment.objects.create(
        enrolment=world.enrolments["thandiwe"], need="other", other="LEAK-need", asked_by=world.thandiwe, asked_at=at
    )
    Adjustment.objects.create(
        enrolment=world.enrolments["part"],
        need="other",
        other="LEAK-part-need",
        arrangement="LEAK-arranged",
        state="agreed",
        asked_by=world.part,
        asked_at=at,
        answered_by=world.halina,
        answered_at=at,
    )
    move = programme_actions.ask_to_move(
        enrolment=world.enrolments["thandiwe"], wish="another", by=world.thandiwe, at=at
    )
    conflict = ConflictOfInterest.objects.create(
        engagement=world.engagements["malik"],
        enrolment=world.enrolments["part"],
        declared_by=world.halina,
        declared_at=at,
    )
    first, second = sorted((world.enrolments["thandiwe"].pk, world.enrolments["siobhan"].pk))
    pair = PairRule.objects.create(cohort=world.cohort, first_id=first, second_id=second, rule="apart")
    imported = ParticipantImport.objects.create(
        cohort=world.cohort,
        filename="LEAK-import.xlsx",
        digest="0" * 64,
        sheets=[],
        uploaded_by=world.halina,
        uploaded_at=at,
    )
    uploaded = WorkbookUpload.objects.create(
        engagement=world.engagements["ioana"],
        filename="workbook.xlsx",
        rows={
            "sessions": [],
            "marks": [
                {
                    "session": held.pk,
                    "enrolment": world.enrolments["part"].pk,
                    "was": "",
                    "to": "missed",
                    "cell": "Attendance!F2",
                }
            ],
            "refused": [],
        },
        uploaded_by=world.ioana,
        uploaded_at=at,
    )
    closed = ClosedDay.objects.create(organisation=world.eastmere, on=dt.date(2026, 12, 25), name="Christmas Day")
    failed = MailMessage.objects.create(
        key="failed",
        to_id=world.part.pk,
        address=world.part.email,
        organisation_id=world.eastmere.pk,
        subject="Welcome",
        body="",
        state="failed",
        queued_at=at,
    )
    Cohort.objects.filter(pk=world.cohort.pk).update(group_minimum=1)
    world.cohort.refresh_from_db()
    _times(world)
    programme_actions.propose_groups(cohort=world.cohort, by=world.halina, at=at)
    _calendars(world)
    _hours(world)
    _held(world, coming)
    companion, asked = _companions(world)
    own = _goals(world, coming.pk)
    _portrait(world)
    return world, {
        **own,
        **_contributed(world),
        **_doings(world),
        **_walked(world),
        **_shared(world),
        **_told_elsewhere(world),
        "companion_id": companion.pk,
        "cohort_id": world.cohort.pk,
        "programme_id": world.programme.pk,
        "organisation_id": world.eastmere.pk,
        "institution_id": world.northgate.pk,
        "enrolment_id": world.enrolments["thandiwe"].pk,
        "engagement_id": world.engagements["ioana"].pk,
        "group_id": world.groups[1].pk,
        "session_id": coming.pk,
        "undated_id": undated.pk,
        **_busy(world),
        **_poll(world),
        **_meetings(world),
        "entry_id": entry.pk,
        "invoice_id": invoice.pk,
        "position_id": position.pk,
        "move_id": move.pk,
        "adjustment_id": adjustment.pk,
        "conflict_id": conflict.pk,
        "pair_id": pair.pk,
        "rule_id": pair.pk,
        "import_id": imported.pk,
        "closed_day_id": closed.pk,
        "mail_id": failed.pk,
        "upload_id": uploaded.pk,
        "job_id": 1,
        "attribute_id": attribute.pk,
        "grant_id": world.halina.grants.get().pk,
        "secret": asked,
        "receipt": Erasure.objects.create(erased_at=at, counts={"answers": 3}).receipt,
        "token": "not-a-token",
        "number": 1,
        "quarter": 2,
    }


def _hours(world: cast.World) -> None:
    """The coach can be booked every working day, at a place of hers, but for a week in April."""
    who: dict[str, Any] = {"by": world.ioana, "at": cast.AT}
    delivery_actions.add_place(name="Her office", mode="in_person", where="LEAK-office", **who)
    days = [Hours(day, dt.time(9), dt.time(17)) for day in range(5)]
    terms = delivery_actions.BookingTerms(time_zone="Europe/London")
    delivery_actions.save_availability(terms=terms, hours=days, expected_version=0, **who)
    week = Differing(dt.date(2027, 4, 5), dt.date(2027, 4, 9))
    delivery_actions.add_exceptions(differing=[week], **who)


def _held(world: cast.World, session: CoachingSession) -> None:
    """A coachee is about to move a session, and watches a time that is taken."""
    starts_at = cast.AT + dt.timedelta(days=21, hours=1)
    Hold.objects.create(
        session=session,
        coach=world.ioana,
        by=world.thandiwe,
        wall_starts=starts_at,
        during=DateTimeTZRange(starts_at, starts_at + dt.timedelta(hours=1)),
        expires_at=cast.AT + dt.timedelta(minutes=5),
    )
    SlotWatch.objects.create(session=session, person=world.thandiwe, starts_at=starts_at, since=cast.AT)


def _calendars(world: cast.World) -> None:
    """What the coach's own calendar reads, with everything said; and a mailbox to which calendars answer."""
    kept = hashlib.sha256(b"feed-of-a-coach").hexdigest()
    CalendarFeed.objects.create(person=world.ioana, secret_hash=kept, detail="full", made_at=cast.AT)


def _told_elsewhere(world: cast.World) -> dict[str, Any]:
    """An address that is told of what happens, one of the other organisation, and a token of the coordinator’s."""
    hear = {"events": ["session.booked"], "at": cast.AT}
    at_home, _secret = people_actions.add_webhook(
        organisation_id=world.eastmere.pk, address="https://leak-hook.example.org/", by=world.halina, **hear
    )
    people_actions.add_webhook(
        organisation_id=world.harbour.pk, address="https://example.org/LEAK-harbour", by=world.gwen, **hear
    )
    token, _secret = people_actions.make_token(
        name="LEAK-token", scopes=["people:read"], days=30, by=world.halina, at=cast.AT
    )
    return {"webhook_id": at_home.pk, "token_id": token.pk}


def _companions(world: cast.World) -> tuple[Companion, str]:
    """A coach of somebody’s own choosing, and the secret of an invitation that is not answered."""
    beside = Companion.objects.create(
        person=world.siobhan,
        address="leak-companion@example.org",
        coach=world.rosa,
        secret_hash="0" * 64,
        invited_at=cast.AT,
        accepted_at=cast.AT,
        expires_at=cast.AT + dt.timedelta(days=14),
    )
    secret = "not-a-secret"
    Companion.objects.create(
        person=world.xiuying,
        address="leak-asked@example.org",
        secret_hash=hashlib.sha256(secret.encode()).hexdigest(),
        invited_at=cast.AT,
        expires_at=cast.AT + dt.timedelta(days=14),
    )
    return beside, secret


def _shared(world: cast.World) -> dict[str, Any]:
    """An entry shared with the coach, the coach's notes in both kinds, a pick; and grants to all who must see nothing.

    Those grants stand as if they had been made by another way: of every kind, in force, to a former coach, to one in
    conflict, to coordinators, sponsors and others. What holds them back is the question asked on every reading.
    """
    by, at, coach = world.thandiwe, cast.AT, world.ioana
    entry = journey_actions.write_entry(text="LEAK-shared", by=by, at=at)
    until = at + dt.timedelta(days=90)
    granted = journey_actions.share(kind="entry", item_id=entry.pk, reader=coach, until=until, by=by, at=at)
    for reader in ("malik", "rosa", "lena", "halina", "gwen", "ada", "sabine", "otto", "part", "siobhan"):
        for kind in ItemKind.values:
            Share.objects.create(person=by, reader=world.people[reader], kind=kind, since=at, until=until)
    for text, is_shared in (("LEAK-private-note", False), ("LEAK-common-note", True)):
        note = journey_actions.write_note(about_id=by.pk, text=text, is_shared=is_shared, by=coach, at=at)
    picked = journey_actions.pick(person_id=by.pk, kind="exercise", key="line", by=coach, at=at)
    return {
        "kind": "entry",
        "item_id": entry.pk,
        "person_id": by.pk,
        "reader_id": coach.pk,
        "share_id": granted.pk,
        "note_id": note,
        "pick_id": picked,
    }


def _contributed(world: cast.World) -> dict[str, Any]:
    """Questions that coaches offered: waiting, in use, not taken, and one of the other organisation."""
    at = cast.AT

    def offer(text: str, by: str = "malik", place: Organisation = world.eastmere) -> int:
        given = {"kind": "favourite", "text": text, "because": text, "by": world.people[by], "at": at}
        return library_actions.offer_question(organisation=place, **given).pk

    used, not_taken = offer("LEAK-contributed-used, what is it?"), offer("LEAK-contributed-refused, what is it?")
    programme_actions.review_question(contribution_id=used, accept=True, by=world.halina, at=at)
    programme_actions.review_question(
        contribution_id=not_taken, accept=False, answer="LEAK-contributed-refused", by=world.halina, at=at
    )
    offer("LEAK-harbour, what is it?", "lena", world.harbour)
    return {"contribution_id": offer("LEAK-contributed-open, what is it?", "ioana")}


def _doings(world: cast.World) -> dict[str, Any]:
    """An exercise done twice: finished, and open."""
    by, at = world.thandiwe, cast.AT
    values = {"aspects": [{"aspect": "LEAK-doing", "now": 4, "wished": 7}], "_words": "LEAK-doing"}
    first = journey_actions.begin_run(exercise="wheel", by=by, at=cast.BEFORE)
    journey_actions.finish_run(run_id=first.pk, values=values, revision=1, by=by, at=cast.BEFORE)
    second = journey_actions.begin_run(exercise="wheel", like=first.pk, by=by, at=at)
    return {"exercise": "wheel", "run_id": second.pk}


def _portrait(world: cast.World) -> None:
    """A line taken into the portrait, and one that is offered to it."""
    by, at = world.thandiwe, cast.AT
    values = {"aspects": [{"what": text, "wish": "keep"} for text in ("LEAK-portrait", "LEAK-offer")]}
    run = journey_actions.begin_run(exercise="keep_and_change", by=by, at=at)
    journey_actions.finish_run(run_id=run.pk, values=values, revision=1, by=by, at=at)
    journey_actions.take_in(mark=Offer("keeps", "LEAK-portrait", "", "").mark, by=by, at=at)


def _goals(world: cast.World, session_id: int) -> dict[str, Any]:
    """A goal, a review of it, what is brought to a session, a step of one's own and one agreed with a coach."""
    by, at = world.thandiwe, cast.AT
    levels = ["LEAK-goal"] * 5
    goal = journey_actions.set_goal(title="LEAK-goal", why="LEAK-goal", levels=levels, by=by, at=at)
    journey_actions.review_goal(goal_id=goal.pk, level=1, note="LEAK-review", by=by, at=at)
    journey_actions.save_preparation(session_id=session_id, part="bring", text="LEAK-bring", revision=0, by=by, at=at)
    step = journey_actions.add_step(text="LEAK-step", due_on=at.date(), goal_id=goal.pk, by=by, at=at)
    journey_actions.agree_step(person=by, text="LEAK-agreed", session_id=session_id, by=world.ioana, at=at)
    return {"goal_id": goal.pk, "step_id": step.pk}


def _walked(world: cast.World) -> dict[str, Any]:
    """What brought the coachee here, an answer in two versions with a day to look back, and homework noted."""
    by, at, found = world.thandiwe, cast.AT, library.path()
    asked = next((each for each in found.questions if each.look_back), found.questions[0])
    stage = next(each for each in found.stages if each.homework)
    journey_actions.begin_walk(topics=(), situations=(), words="LEAK-brought", by=by, at=at)
    on = at.date() + dt.timedelta(days=90)
    for revision, text in enumerate(("LEAK-answer then", "LEAK-answer now")):
        journey_actions.finish_answer(question=asked.key, text=text, revision=revision, look_back_on=on, by=by, at=at)
    journey_actions.note_homework(stage=stage.key, text="LEAK-found", seen="", by=by, at=at)
    return {"question": asked.key, "stage": stage.key}


def _rename(world: cast.World) -> None:
    Organisation.objects.filter(pk=world.harbour.pk).update(name="LEAK-harbour Centre")
    Programme.objects.filter(organisation=world.harbour).update(name="LEAK-harbour Fresh Start")
    Cohort.objects.filter(pk=world.harbour_cohort.pk).update(name="LEAK-harbour Spring", agreement_text="LEAK-harbour")
    Programme.objects.filter(pk=world.programme.pk).update(wellbeing_contacts="LEAK-wellbeing 01632 960 000")
    for key, changes in {
        "nia": {"name": "LEAK-nia"},
        "tomasz": {"name": "LEAK-tomasz"},
        "part": {"email": "leak-part@example.org"},
        "siobhan": {"email": "leak-siobhan@example.org"},
    }.items():
        Person.objects.filter(pk=world.people[key].pk).update(**changes)
        world.people[key].refresh_from_db()
    Enrolment.objects.filter(pk=world.enrolments["thandiwe"].pk).update(line_manager="malik@example.org")
    Enrolment.objects.filter(pk=world.enrolments["part"].pk).update(line_manager="LEAK-manager")


def _times(world: cast.World) -> None:
    """Two times to choose from, and somebody who has said something about them."""
    opens = {"choices_open_at": cast.BEFORE, "coaching_styles": ["quiet", "brisk"]}
    Cohort.objects.filter(pk=world.cohort.pk).update(**opens)
    world.cohort.refresh_from_db()
    for weekday, who in ((2, "ioana"), (3, "malik")):
        slot = GroupSlot.objects.create(
            cohort=world.cohort,
            engagement=world.engagements[who],
            weekday=weekday,
            starts=dt.time(16, 0),
            where="https://meet.example/LEAK-slot",
            published_at=cast.BEFORE,
        )
        SlotChoice.objects.create(slot=slot, enrolment=world.enrolments["part"], said_at=cast.AT)


def _meetings(world: cast.World) -> dict[str, Any]:
    """Two coach meetings with what coaches wrote, a full topic session with a question, words for the celebration."""
    at, ioana = cast.AT, {"by": world.ioana, "at": cast.AT}
    add = {"cohort": world.cohort, "minutes": 60, "by": world.halina, "at": at}
    kinds = ("coach_meeting", "coach_meeting", "celebration")
    before, meeting, celebration = (
        delivery_actions.add_meeting(
            kind=kind, wall_starts=dt.datetime(2027, 5, day, 16), commissions=kind != "celebration", **add
        )
        for day, kind in zip((11, 12, 13), kinds, strict=True)
    )
    topic = delivery_actions.add_meeting(
        kind="topic",
        engagement=world.engagements["ioana"],
        wall_starts=dt.datetime(2027, 5, 14, 16),
        title="Time management",
        places_for=1,
        where="https://meet.example/LEAK-topic",
        commissions=True,
        **add,
    )
    delivery_actions.add_point(session=before, kind="challenge", text="LEAK-point", **ioana)
    written = {"description": "LEAK-agenda", "notes": "LEAK-noted"}
    delivery_actions.write_detail(session=meeting, values=written, expected_version=1, **ioana)
    delivery_actions.leave_parting_word(session=celebration, text="LEAK-parting", **ioana)
    for who in ("part", "siobhan"):
        delivery_actions.take_place(session=topic, by=world.people[who], at=at)
    delivery_actions.ask_question(session=topic, text="LEAK-asked", by=world.part, at=at)
    return {"meeting_id": meeting.pk, "topic_id": topic.pk}


def _poll(world: cast.World) -> dict[str, Any]:
    """A session of the group of Thandiwe and Pärt that has to move, and what Pärt has said of one of the times."""
    starts = cast.AT + dt.timedelta(days=25)
    to_move = _session(world, kind="group", group=world.groups[1], position=2, starts=starts)
    asked = delivery_actions.open_poll(
        session=to_move,
        times=[delivery_actions.Proposed((starts + dt.timedelta(days=day)).replace(tzinfo=None)) for day in (1, 2)],
        closes_at=cast.AT + dt.timedelta(days=3),
        expected_version=1,
        by=world.ioana,
        at=cast.AT,
    )
    said = {asked.times.earliest("starts_at").pk: "no"}
    delivery_actions.answer_poll(poll=asked, said=said, by=world.part, at=cast.AT)
    return {"group_session_id": to_move.pk, "poll_id": asked.pk}


def _busy(world: cast.World) -> dict[str, Any]:
    """A calendar of the coachee's own: its name is theirs alone, and the way into it nobody's."""
    calendar = delivery_actions.add_busy_calendar(
        kind="ics",
        name="LEAK-busy",
        address="https://example.org/LEAK-way",
        password="LEAK-way",
        by=world.thandiwe,
        at=cast.AT,
    )
    return {"calendar_id": calendar.pk}


def _session(world: cast.World, *, starts: dt.datetime, **fields: Any) -> CoachingSession:
    session = CoachingSession.objects.create(
        cohort=world.cohort,
        engagement=world.engagements["ioana"],
        minutes=60,
        state="booked",
        time_zone="Europe/London",
        wall_starts=starts,
        starts_at=starts,
        ends_at=starts + dt.timedelta(minutes=60),
        **fields,
    )
    PersonTime.objects.create(session=session, person=world.ioana, during=(session.starts_at, session.ends_at))
    return session


def reader(world: cast.World, who: str) -> Any:
    """The person behind a word of READERS."""
    key = READERS[who]
    return world.people[key] if key else AnonymousUser()
