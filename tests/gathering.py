"""A cohort that is ready to be grouped: many people, several coaches, answers with and without consent."""

from dataclasses import dataclass
from typing import Any

from cairn.people.models import Person, RoleGrant
from cairn.programmes.models import CoachEngagement, Cohort, Enrolment, MixingAnswer, MixingAttribute
from tests import cast

NAMES = (
    """
Aoife Brennan, Søren Krogh, Marisol de la Fuente, Chukwuemeka Eze, Li, Zofia Wójcik, Haruka Sato,
Rangi Parata, Esperanza Ruiz, Amina Diallo, Bjørk Jónsdóttir, Caoimhe Walsh, Dmitri Orlov, Efua
Mensah, Farida Rahimi, Goran Ilić, Hinemoa Tane, Ife Balogun, Jarek Nowicki, Katya Petrova, Leilani
Kahale, Mateusz Król, Ngozi Obi, Oisín Daly, Pilar Gómez, Qiu Yan, Radha Iyer, Sunniva Berg, Tariq
Aziz, Ulla Virtanen, Viktória Szabó, Wanjiru Kamau, Xóchitl Luna, Yusuf Demir, Zeynep Kaya, Anahera
Rua, Bronagh Kelly, Ciarán Ó Sé, Dervla Byrne, Eun-ji Park, Fadi Haddad, Guðrún Ásta, Nguyễn Thị Mai
Anh, Olúwaṣeun Ade, Γιώργος Παπάς, Ольга Ивановна, محمد, Priyanka Rao, Jean-Baptiste Roux, Ximena
Paz, Petra Horvat, Noor Said, Ewa Lis
""".replace("\n", " ")
    .strip()
    .split(", ")
)
DISCIPLINES = ("Life sciences", "Physics", "History", "Engineering")
COACHES = ("Wren Hall", "Tomoko Abe", "Keiko Mori", "Idris Bello", "Sade Cole")


@dataclass
class Gathering:
    """A cohort, its coaches and its people, in order."""

    cohort: Cohort
    coaches: list[CoachEngagement]
    people: list[Enrolment]

    def ids(self) -> set[str]:
        """Everybody's id as the engine has it."""
        return {str(each.pk) for each in self.people}


def gather(world: Any, people: int = 53, coaches: int = 5, *, mix: bool = True) -> Gathering:
    """A live cohort of Eastmere with so many people and accepted coaches; mixed by discipline and institution."""
    cohort = cast.cohort_of(world.programme, "Cohort 3")
    engagements = [_coach(world, cohort, number) for number in range(coaches)]
    made = Person.objects.bulk_create(
        Person(email=f"p{number}@example.org", name=_name(number), time_zone="Europe/London")
        for number in range(people)
    )
    RoleGrant.objects.bulk_create(
        RoleGrant(person=each, organisation=world.eastmere, role="coachee", since=cast.BEFORE) for each in made
    )
    Enrolment.objects.bulk_create(
        Enrolment(
            cohort=cohort,
            person=each,
            institution=world.host if number % 3 else world.northgate,
            discipline=DISCIPLINES[number % 4],
            enrolled_at=cast.BEFORE,
        )
        for number, each in enumerate(made)
    )
    if mix:
        for key, label in (("discipline", "Discipline"), ("institution", "Institution")):
            MixingAttribute.objects.create(cohort=cohort, key=key, label=label)
    enrolled = Enrolment.objects.filter(cohort=cohort).select_related("person", "cohort__programme__organisation")
    return Gathering(cohort, engagements, list(enrolled.order_by("pk")))


def ask_gender(gathering: Gathering) -> MixingAttribute:
    """A protected attribute; everybody answers, every fourth prefers not to say."""
    gender = MixingAttribute.objects.create(
        cohort=gathering.cohort, key="gender", label="Gender", is_protected=True, choices=["woman", "man", "another"]
    )
    MixingAnswer.objects.bulk_create(
        MixingAnswer(
            enrolment=each,
            attribute=gender,
            value="" if number % 4 == 3 else ("woman", "man", "woman")[number % 3],
            consented=number % 4 != 3,
            answered_at=cast.BEFORE,
        )
        for number, each in enumerate(gathering.people)
    )
    return gender


def _name(number: int) -> str:
    turn, place = divmod(number, len(NAMES))
    return NAMES[place] + (f" {turn + 1}" if turn else "")


def _coach(world: Any, cohort: Cohort, number: int) -> CoachEngagement:
    turn, place = divmod(number, len(COACHES))
    coach = Person.objects.create_user(
        f"coach{number}@example.org", name=COACHES[place] + (f" {turn + 1}" if turn else ""), time_zone="Europe/London"
    )
    cast.grant(coach, world.eastmere, "coach")
    return cast.engage(cohort, coach)
