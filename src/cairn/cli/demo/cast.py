"""The people with a part of their own in the demonstration, and the words that stand in it. All of it is invented."""

from dataclasses import dataclass

COORDINATOR, COACH, COACHEE = "coordinator", "coach", "coachee"


@dataclass(frozen=True)
class Staff:
    """Somebody who works for an organisation, or whom it shows its figures."""

    email: str
    name: str
    role: str


@dataclass(frozen=True)
class Coach:
    """A coach with what an hour costs in pence; `tax` is in hundredths of a per cent."""

    email: str
    name: str
    rate: int
    tax: int | None = None
    is_internal: bool = False
    known_as: str = ""
    zone: str = "Europe/London"


OTTO = Staff("otto.brandt@eastmere.example", "Otto Brandt", "administrator")
HALINA = Staff("halina.nowak@eastmere.example", "Halina Nowak", COORDINATOR)
SABINE = Staff("sabine.roy@eastmere.example", "Sabine Roy", "sponsor")
ADA = Staff("ada.okafor@eastmere.example", "Ada Okafor", "adviser")
GWEN = Staff("gwen.parry@harbour.example", "Gwen Parry", COORDINATOR)

IOANA = Coach("ioana@pop-coaching.example", "Ioana Pop", 6000)
MALIK = Coach("malik.rahman@clearwater.example", "Malik Rahman", 6000)
WREN = Coach("wren@ashdown.example", "Wren Ashdown-Fairweather", 6250, tax=2000)
TOMASZ = Coach("tomasz.zielinski@eastmere.example", "Tomasz Zieliński", 4500, is_internal=True)
KEIKO = Coach("keiko@mori.example", "森 恵子", 6000, known_as="Keiko", zone="Asia/Tokyo")
COACHES = (IOANA, MALIK, WREN, TOMASZ, KEIKO)
LENA = Coach("lena.fischer@harbour.example", "Lena Fischer", 3800)

THANDIWE = "thandiwe.ndlovu@eastmere.example"
XIUYING = "xiuying.wang@saltworth.example"
ROSALIND = "rosalind.achterberg@eastmere.example"
MAREK = "marek.novak@post.example"

# (address, name as printed at the start, what they are)
SIGN_INS = (
    (HALINA.email, HALINA.name, "coordinator"),
    (IOANA.email, IOANA.name, "coach"),
    (MALIK.email, MALIK.name, "coach"),
    (THANDIWE, "Thandiwe Ndlovu", "coachee"),
    (XIUYING, "王秀英 (Xiùyīng)", "coachee"),
    (ROSALIND, "Rosalind Achterberg", "coachee of cohort 2"),
    (MAREK, "Marek Novák", "on his own, with no coach"),
    (ADA.email, ADA.name, "adviser"),
    (SABINE.email, SABINE.name, "sponsor"),
    (OTTO.email, OTTO.name, "administrator"),
    (GWEN.email, GWEN.name, "coordinator of Harbour Centre"),
)

WELLBEING = """\
Eastmere wellbeing service: 01632 960 100, every day from 8 to 20
Northgate and Saltworth: the same number, say where you work
At night: the listening line of the region, 01632 960 111"""

AGREEMENT = """\
You are promised ten group sessions of an hour and a half and three and a half hours of your own with your coach, within
twelve months. Taking part is part of your development plan, and what you talk about stays with you and your group.

Come to your sessions. If you cannot, say so a day ahead and the minutes come back to you; later than that, or without a
word, they count as used.

If you move to another job you may stay on in your own time. Tell your coach or the programme team."""

HARBOUR_WELLBEING = "Harbour’s listening hour: 01632 960 222, weekdays from 17 to 21"
HARBOUR_AGREEMENT = "Six evenings together and two hours of your own. If you cannot come, tell Lena the day before."

GENDERS = ("Woman", "Man", "Non-binary", "Another word")
ETHNICITIES = ("Asian", "Black", "Mixed or multiple", "White", "Another group")

STYLES = ("Questions above all", "Exercises and structure", "Plain speaking")

JOURNAL = (
    "What I noticed in the first group: everybody else also keeps a list of things they would rather be doing.",
    "Three afternoons this month I forgot the time. Twice I was explaining something to somebody. What does that say?",
    "I asked Nandi how she chose. She did not choose, she said, she only stopped saying no. I keep thinking about it.",
)
QUERY = "Session 3 of your group is on the invoice, but our calendar has it a week later. Which day was it?"
