"""The shell around every page: places, who I am, what is at the foot. Derived from the area that the door declared."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.foundation import clock
from cairn.people import rules
from cairn.people.terms import Role
from cairn.web import addresses
from cairn.web.templatetags._remembered import remembered

AREAS: dict[str, tuple[tuple[Any, str, str], ...]] = {
    "coordinator": (
        (gettext_lazy("Programmes"), "programmes", "people"),
        (gettext_lazy("Requests"), "requests", "swap"),
        (gettext_lazy("Invoices"), "invoices_to_approve", "money"),
        (gettext_lazy("Organisation"), "organisation", "settings"),
    ),
    "coach": (
        (gettext_lazy("Today"), "coach_today", "today"),
        (gettext_lazy("Coachees"), "coach_coachees", "people"),
        (gettext_lazy("Calendar"), "coach_calendar", "calendar"),
        (gettext_lazy("Invoices"), "coach_invoices", "money"),
    ),
    "coachee": (
        (gettext_lazy("Home"), "coachee_home", "home"),
        (gettext_lazy("Path"), "path_map", "path"),
        (gettext_lazy("Exercises"), "exercises", "goal"),
        (gettext_lazy("Journal"), "journal", "journal"),
    ),
    "companion": (
        (gettext_lazy("Beside"), "coach_beside", "people"),
        (gettext_lazy("Home"), "coachee_home", "home"),
    ),
}
# Pages whose address begins with another word than that of the place they belong to.
WITHIN = {
    "cohorts": "programmes",
    "institutions": "programmes",
    "engagements": "coach_today",
    "coach": "coach_today",
    "workbook": "coach_coachees",
    "questions": "coach_coachees",
    "beside": "coach_coachees",
    "join": "coachee_home",
    "sessions": "coachee_home",
    "meetings": "coachee_home",
    "goals": "coachee_home",
    "steps": "coachee_home",
    "rhythm": "coachee_home",
    "sharing": "coachee_home",
    "intake": "path_map",
    "portrait": "exercises",
    "mirror": "journal",
}
AREA_OF_ROLE = (
    (Role.COORDINATOR, "coordinator"),
    (Role.COACH, "coach"),
    (Role.COACHEE, "coachee"),
)


@dataclass(frozen=True)
class Place:
    """One entry of the top bar, or of the bar under the thumb on a phone."""

    url: str
    label: str
    icon: str
    current: bool
    count: int | None = None


@dataclass(frozen=True)
class Me:
    """Who is signed in, and as what."""

    name: str
    role: str
    url: str


@dataclass(frozen=True)
class Shell:
    """Finished values for base.html."""

    places: tuple[Place, ...] = ()
    mine: Place | None = None
    me: Me | None = None
    others: tuple[Place, ...] = ()
    foot: tuple[Place, ...] = ()


def first_area(person: Any) -> str:
    """Where somebody's day begins: coordinating, coaching, being coached; on their own path without any role.

    Whoever has another role only, as an adviser has, begins nowhere in particular.
    """
    held = {role for role, _organisation in rules.roles_held(person, clock.now())}
    return next((area for role, area in AREA_OF_ROLE if role in held), "" if held else "coachee")


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Context processor: the shell of the area to which the current page belongs."""
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return {"shell": Shell()}
    match = request.resolver_match
    declared = getattr(match.func, "door", None) if match else None
    area = (declared.area if declared else "") or first_area(person)
    held = {role for role, _organisation in rules.roles_held(person, clock.now())}
    if area == "coach" and Role.COACH not in held:  # by somebody's consent alone, with no role anywhere
        area = "companion"
    here = _place_of((match.url_name if match else None) or "", request.path, area)
    word = next((str(role.label) for role, name in AREA_OF_ROLE if name == area and role in held), "")
    return {
        "shell": Shell(
            places=_places(area, here),
            me=Me(person.calling_name, word, addresses.to("me")),
            others=_others(area, frozenset(held)),
            foot=_foot(),
        )
    }


def _place_of(name: str, path: str, area: str) -> str:
    """The place to which a page belongs: itself, or the one whose rooms its address leads through."""
    names = [entry[1] for entry in AREAS.get(area, ())]
    if name in names:
        return name
    first = path.strip("/").partition("/")[0]
    return next((place for place in names if addresses.to(place).strip("/") == first), WITHIN.get(first, ""))


@remembered
def _places(area: str, here: str) -> tuple[Place, ...]:
    return tuple(_place(entry, str(entry[0]), entry[1] == here) for entry in AREAS.get(area, ()))


@remembered
def _others(area: str, held: frozenset[str]) -> tuple[Place, ...]:
    """The first place of each other area in which somebody holds a role."""
    there = [(role, other) for role, other in AREA_OF_ROLE if role in held and other != area]
    return tuple(_place(AREAS[other][0], str(role.label), False) for role, other in there)


@remembered
def _foot() -> tuple[Place, ...]:
    return (Place(addresses.to("who_sees_what"), _("Who can see what"), "", False),)


def _place(entry: tuple[Any, str, str], label: str, is_here: bool) -> Place:
    _label, name, icon = entry
    return Place(addresses.to(name), label, icon, is_here)
