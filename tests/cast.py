"""The cast: always the same few people, so that a reader knows who may see what.

Eastmere University runs one cohort. Halina coordinates it, Otto administers the organisation, Sabine sponsors it, Ada
advises. Ioana and Malik coach; Rosa coached until she left. Thandiwe and Pärt are in Ioana's group, Siobhán in Malik's;
王秀英 (Xiùyīng) has no group yet. Tomasz is coachee of a second cohort. Harbour Centre is another organisation with
coordinator Gwen, coach Lena and coachee Nia.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress

from cairn.ledger.models import CoachTime, Entitlement, LedgerEntry, Rate
from cairn.people.models import Organisation, Person, RoleGrant
from cairn.programmes.models import (
    CoachEngagement,
    CoachingGroup,
    Cohort,
    Enrolment,
    GroupPlace,
    PartnerInstitution,
    Programme,
)

AT = dt.datetime(2027, 3, 3, 9, 0, tzinfo=dt.UTC)
BEFORE = dt.datetime(2026, 9, 1, 9, 0, tzinfo=dt.UTC)
COACH_KINDS = {"one_to_one": 12_000, "group": 6_000, "coach_meeting": 360, "familiarisation": 240}


@dataclass
class World:
    """Everybody and everything by name."""

    eastmere: Organisation
    harbour: Organisation
    programme: Programme
    cohort: Cohort
    other_cohort: Cohort
    harbour_cohort: Cohort
    host: PartnerInstitution
    northgate: PartnerInstitution
    people: dict[str, Person]
    engagements: dict[str, CoachEngagement]
    enrolments: dict[str, Enrolment]
    groups: dict[int, CoachingGroup]

    def __getattr__(self, name: str) -> Any:
        """`world.halina` is the person Halina."""
        people = self.__dict__.get("people", {})
        if name in people:
            return people[name]
        raise AttributeError(name)


def person(email: str, name: str, zone: str = "Europe/London") -> Person:
    """A person whose address is proven."""
    made = Person.objects.create_user(email, name=name, time_zone=zone)
    EmailAddress.objects.create(user=made, email=email, primary=True, verified=True)
    return made


def grant(who: Person, organisation: Organisation, role: str, until: dt.datetime | None = None) -> None:
    """A role since before the cohort began."""
    RoleGrant.objects.create(person=who, organisation=organisation, role=role, since=BEFORE, until=until)


def promise(account: CoachTime | Entitlement, minutes: int, source_id: int) -> None:
    """Put minutes into an account, as the ledger does it."""
    book = {"entitlement": account} if isinstance(account, Entitlement) else {"coach_time": account}
    LedgerEntry.objects.create(
        **book,
        movement="promise",
        minutes=minutes,
        on=BEFORE.date(),
        source_kind="plan",
        source_id=source_id,
        revision=1,
        at=BEFORE,
    )


def engage(cohort: Cohort, coach: Person, **fields: Any) -> CoachEngagement:
    """An accepted engagement with minutes and a rate of £60 an hour."""
    engagement = CoachEngagement.objects.create(
        cohort=cohort, person=coach, **{"state": "accepted", "offered_at": BEFORE, "answered_at": BEFORE, **fields}
    )
    for kind, minutes in COACH_KINDS.items():
        promise(CoachTime.objects.create(engagement=engagement, kind=kind), minutes, engagement.pk)
    Rate.objects.create(engagement=engagement, from_on=cohort.starts_on, minor_per_hour=6000, currency="GBP")
    return engagement


def enrol(cohort: Cohort, who: Person, institution: PartnerInstitution, **fields: Any) -> Enrolment:
    """An enrolment with its minutes promised."""
    enrolment = Enrolment.objects.create(
        cohort=cohort, person=who, institution=institution, enrolled_at=BEFORE, **fields
    )
    for kind, minutes in (("one_to_one", cohort.one_to_one_minutes), ("group", cohort.group_minutes)):
        promise(Entitlement.objects.create(enrolment=enrolment, kind=kind), minutes, enrolment.pk)
    return enrolment


def cohort_of(programme: Programme, name: str) -> Cohort:
    """A cohort of twelve months from September 2026, live."""
    return Cohort.objects.create(
        programme=programme,
        name=name,
        starts_on=dt.date(2026, 9, 7),
        ends_on=dt.date(2027, 9, 6),
        agreement_text="Come to your sessions, or say so in time.",
    )


def programme_of(organisation: Organisation, name: str) -> Programme:
    """A live programme."""
    return Programme.objects.create(
        organisation=organisation, name=name, wellbeing_contacts="Wellbeing, 01632 960 000", live_at=BEFORE
    )


def build() -> World:
    """Make everybody."""
    eastmere = Organisation.objects.create(name="Eastmere University", short_name="Eastmere")
    harbour = Organisation.objects.create(name="Harbour Centre", kind="centre")
    names = {
        "halina": "Halina Nowak",
        "otto": "Otto Brandt",
        "sabine": "Sabine Roy",
        "ada": "Ada Okafor",
        "ioana": "Ioana Pop",
        "malik": "Malik Rahman",
        "rosa": "Rosa Vidal",
        "thandiwe": "Thandiwe Ndlovu",
        "part": "Pärt Tamm",
        "siobhan": "Siobhán Ní Bhriain",
        "xiuying": "王秀英",
        "tomasz": "Tomasz Zieliński",
        "gwen": "Gwen Parry",
        "lena": "Lena Fischer",
        "nia": "Nia",
    }
    people = {key: person(f"{key}@example.org", name) for key, name in names.items()}
    Person.objects.filter(pk=people["xiuying"].pk).update(time_zone="Pacific/Auckland")
    people["xiuying"].time_zone = "Pacific/Auckland"
    for key, role in (
        ("halina", "coordinator"),
        ("otto", "administrator"),
        ("sabine", "sponsor"),
        ("ada", "adviser"),
        ("ioana", "coach"),
        ("malik", "coach"),
        ("thandiwe", "coachee"),
        ("part", "coachee"),
        ("siobhan", "coachee"),
        ("xiuying", "coachee"),
        ("tomasz", "coachee"),
    ):
        grant(people[key], eastmere, role)
    grant(people["rosa"], eastmere, "coach", until=AT - dt.timedelta(days=30))
    for key, role in (("gwen", "coordinator"), ("lena", "coach"), ("nia", "coachee")):
        grant(people[key], harbour, role)

    programme = programme_of(eastmere, "Prosperous Minds")
    cohort, other_cohort = cohort_of(programme, "Cohort 1"), cohort_of(programme, "Cohort 2")
    harbour_cohort = cohort_of(programme_of(harbour, "Fresh Start"), "Spring")
    host = PartnerInstitution.objects.create(organisation=eastmere, name="Eastmere University", is_host=True)
    northgate = PartnerInstitution.objects.create(organisation=eastmere, name="Northgate University")
    harbour_host = PartnerInstitution.objects.create(organisation=harbour, name="Harbour Centre", is_host=True)

    engagements = {
        "ioana": engage(cohort, people["ioana"]),
        "malik": engage(cohort, people["malik"]),
        "rosa": engage(cohort, people["rosa"], state="ended", ended_on=dt.date(2027, 2, 1)),
        "lena": engage(harbour_cohort, people["lena"]),
    }
    enrolments = {
        "thandiwe": enrol(cohort, people["thandiwe"], host, discipline="Immunology", engagement=engagements["ioana"]),
        "part": enrol(cohort, people["part"], northgate, discipline="Physics", engagement=engagements["ioana"]),
        "siobhan": enrol(cohort, people["siobhan"], host, discipline="History", engagement=engagements["malik"]),
        "xiuying": enrol(cohort, people["xiuying"], northgate, discipline="Materials"),
        "tomasz": enrol(other_cohort, people["tomasz"], host, discipline="Law"),
        "nia": enrol(harbour_cohort, people["nia"], harbour_host, engagement=engagements["lena"]),
    }
    groups = {
        1: CoachingGroup.objects.create(cohort=cohort, number=1, engagement=engagements["ioana"]),
        2: CoachingGroup.objects.create(cohort=cohort, number=2, engagement=engagements["malik"]),
    }
    for key, number in (("thandiwe", 1), ("part", 1), ("siobhan", 2)):
        GroupPlace.objects.create(group=groups[number], enrolment=enrolments[key], from_on=cohort.starts_on)
    return World(
        eastmere=eastmere,
        harbour=harbour,
        programme=programme,
        cohort=cohort,
        other_cohort=other_cohort,
        harbour_cohort=harbour_cohort,
        host=host,
        northgate=northgate,
        people=people,
        engagements=engagements,
        enrolments=enrolments,
        groups=groups,
    )
