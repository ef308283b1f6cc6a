"""What the API says of each thing. Ids, dates, minutes and closed words; of texts only names of things and people.

Left out on purpose: everything of a coachee's journey, what was answered in confidence, why something was adjusted,
links and numbers to join by, line managers, notes and queries. A coachee never reads who else is in a group.
"""

import datetime as dt
from typing import Literal

from ninja import Schema
from pydantic import Field

from cairn.api.fields import Id, In, Moment, Text, Version, Wall

KindWord = Literal["one_to_one", "group", "coach_meeting", "familiarisation", "topic", "drop_in", "celebration"]
StateWord = Literal["undated", "booked", "held", "cancelled"]
ModeWord = Literal["online", "in_person", "phone"]
MarkWord = Literal["attended", "excused", "late_cancelled", "missed"]
ReasonWord = Literal["coach", "coachees", "place", "other"]
WALL = "the time on the wall in `time_zone`, without a zone; null without a date"


class PersonOut(Schema):
    """Somebody whom the token’s owner may know of."""

    id: int
    name: str
    known_as: str
    email: str
    time_zone: str
    is_active: bool


class ProgrammeOut(Schema):
    """A programme, of which cohorts are runs."""

    id: int
    organisation_id: int
    name: str
    live_at: dt.datetime | None


class CohortOut(Schema):
    """One run of a programme, with what is promised to each coachee in minutes."""

    id: int
    programme_id: int
    name: str
    starts_on: dt.date
    ends_on: dt.date
    time_zone: str
    one_to_one_minutes: int
    group_minutes: int
    one_to_one_session_minutes: int
    group_session_minutes: int


class GroupOut(Schema):
    """A coaching group. `members` are enrolments, for those who run or lead the group; null for its coachees."""

    id: int
    cohort_id: int
    number: int
    engagement_id: int
    members: list[int] | None


class EnrolmentOut(Schema):
    """One person in one cohort. `engagement_id` is the coach of their one-to-one sessions."""

    id: int
    cohort_id: int
    person_id: int
    institution_id: int
    engagement_id: int | None
    state: Literal["active", "own_time", "left"]
    enrolled_at: dt.datetime
    own_time_since: dt.date | None
    left_on: dt.date | None


class EngagementOut(Schema):
    """One coach engaged for one cohort."""

    id: int
    cohort_id: int
    person_id: int
    coach: str = Field(description="the coach’s name")
    state: Literal["offered", "accepted", "declined", "ended"]
    ended_on: dt.date | None


class SessionOut(Schema):
    """A session. Its wall time and zone are what people agreed on; `starts_at` and `ends_at` follow from them.

    How to join stands on the session’s page near its time, and nowhere else.
    """

    id: int
    cohort_id: int
    kind: KindWord
    title: str
    position: int
    minutes: int
    state: StateWord
    mode: ModeWord
    place: str = Field(description="where to go, in person; otherwise empty")
    wall_starts: str | None = Field(description=WALL)
    fold: int = Field(description="1 when a wall time that happens twice is meant the second time")
    time_zone: str
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    engagement_id: int | None
    coach: str = Field(description="the coach’s name; empty for sessions of all coaches")
    group_id: int | None
    enrolment_id: int | None
    version: int = Field(description="for If-Match or expected_version; raised by every change")


class PlaceOut(Schema):
    """A place, link or number that the coach offers then. Where it is stands on the session’s page."""

    id: int
    name: str
    mode: ModeWord


class TimeOut(Schema):
    """One start, and where it can be; no places: the session keeps its own."""

    starts_at: dt.datetime
    places: list[PlaceOut]


class TimesOut(Schema):
    """The starts at which a coachee can book one session now, on the days from `first` to `last`."""

    first: dt.date
    last: dt.date
    times: list[TimeOut]
    next_free: list[dt.datetime] = Field(description="the next ones after those days, where none of them has any")


class AttendanceOut(Schema):
    """One mark: of a coachee by enrolment, or of a coach at a coach meeting by engagement."""

    id: int
    session_id: int
    enrolment_id: int | None
    engagement_id: int | None
    mark: MarkWord
    marked_at: dt.datetime


class AccountOut(Schema):
    """Sums in minutes. `left` is what is neither booked, used nor released."""

    id: int
    kind: KindWord
    promised: int
    booked: int
    used: int
    released: int
    left: int


class EntitlementOut(AccountOut):
    """Minutes promised to one enrolment, by kind."""

    enrolment_id: int


class CoachTimeOut(AccountOut):
    """Minutes a coach is commissioned for, by kind: promised is what was commissioned, used what was delivered."""

    engagement_id: int


class LineOut(Schema):
    """What one session costs on an invoice. Negative minutes are a credit for an earlier line."""

    position: int
    kind: KindWord
    on: dt.date
    description: str
    minutes: int
    minor_per_hour: int
    amount_minor: int


class InvoiceOut(Schema):
    """A coach’s invoice for a quarter. Money is in minor units of `currency`."""

    id: int
    engagement_id: int
    quarter: int
    quarter_starts_on: dt.date
    quarter_ends_on: dt.date
    number: str
    currency: str
    net_minor: int
    tax_minor: int
    gross_minor: int
    state: Literal["drafted", "issued", "queried", "approved", "settled"]
    issued_at: dt.datetime | None
    approved_at: dt.datetime | None
    settled_at: dt.datetime | None


class WholeInvoiceOut(InvoiceOut):
    """An invoice with its lines."""

    lines: list[LineOut]


class WebhookOut(Schema):
    """An address that is told of events."""

    id: int
    organisation_id: int
    address: str
    events: list[str]
    made_at: dt.datetime
    ended_at: dt.datetime | None


class NewWebhookOut(WebhookOut):
    """A webhook with the secret that signs what it is told; keep it now, it is shown once."""

    secret: str | None


class DeliveryOut(Schema):
    """One event told to one address. `status` is what the address last answered; null when it did not answer."""

    id: int
    webhook_id: int
    event: str
    state: Literal["queued", "delivered", "failed"]
    attempts: int
    status: int | None
    reason: str | None = Field(
        description="why nothing came back: private, name, connection, certificate, slow, large, redirects, broken, "
        "address, scheme, secret, port, downgrade; or ended, with its webhook; otherwise null"
    )
    queued_at: dt.datetime
    delivered_at: dt.datetime | None


class Versioned(In):
    """A change to something that others change too: send its version here, or as If-Match."""

    expected_version: Version | None = None


class DateIn(Versioned):
    """A date for a session, as wall time in the session’s own zone."""

    wall_starts: Wall
    fold: Literal[0, 1] | None = Field(None, description="which of two readings, where the wall time happens twice")
    mode: ModeWord
    where: Text | None = Field(None, max_length=500, description="link, place or number; null keeps what it is")


class BookIn(Versioned):
    """A time that is offered to the token’s owner as a coachee."""

    starts_at: Moment
    place_id: Id | None = Field(None, description="one of the places of that time; without it, the first of them")


class CancelIn(Versioned):
    """Why, as far as the programme needs to know."""

    reason: ReasonWord | None = None


class RestoreIn(Versioned):
    """Nothing but the version."""


class MarkIn(In):
    """One mark, for exactly one of the two."""

    enrolment_id: Id | None = None
    engagement_id: Id | None = None
    mark: MarkWord


class MarksIn(In):
    """Marks of a session; those not named stay as they are."""

    marks: list[MarkIn] = Field(min_length=1, max_length=500)


class WebhookIn(In):
    """An address of another system and the events it wants to hear."""

    organisation_id: Id
    address: Text = Field(min_length=1, max_length=500)
    events: list[Text] = Field(min_length=1, max_length=50)
