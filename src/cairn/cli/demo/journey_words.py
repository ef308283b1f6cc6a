"""What Thandiwe writes on her path, and what Marek writes on his own. All of it is invented."""

# (weeks since the cohort began, question, answer)
ANSWERS = (
    (
        0,
        "life_now",
        "Up before the others, tea, an hour that is nobody's. Then the children, the tram along the river, the "
        "lab. A good day ends with somebody having understood something, and with supper at a table.",
    ),
    (
        0,
        "life_matters",
        "That my girls see me glad of what I do. That I can say what I think without looking over my shoulder first.",
    ),
    (
        1,
        "look_forward",
        "Thursdays at four, when we read together. Hardly for the papers. Somebody says, I did not follow "
        "this, and you can hear the whole room breathe out.",
    ),
    (2, "comes_easily", "Explaining. I only notice when somebody thanks me for it as if it had been work."),
    (
        3,
        "forgot_time",
        "Drawing the experiment as a strip of pictures for Samira. When I looked up, the cleaners had gone.",
    ),
    (4, "in_one_line", "I help people ask what they did not dare to ask."),
    (6, "made_possible", "That people who thought science was for others found out it was theirs."),
    (
        8,
        "stayed_with_you",
        "“You are the only one here who asks what I think.” A technician, in my second year. I did not "
        "know what to say.",
    ),
    (
        9,
        "does_not_fit",
        "They call me calm. I am not calm, I am careful. I want to stay in research, I have said so for "
        "years, and everybody believes me.",
    ),
    (11, "carry_on", "The explaining, the reading group, the students. The bench as well, on good days."),
    (13, "leave_behind", "Mail before nine. Writing applications for money that somebody else will spend."),
    (
        15,
        "in_between",
        "Nothing that I can point at. A belief that leaving the bench would mean that I had failed at it.",
    ),
)
SECOND_THOUGHT = (
    16,
    "in_one_line",
    "I help people ask what they did not dare to ask, and I want to do it for those nobody ever asked.",
)
KNOW_IT_WAS_RIGHT = (
    "That on a Sunday evening I think of Monday with some appetite. That the girls stop asking whether I am tired. "
    "That I have taught something every week."
)
PARKED, SKIPPED, DRAFT = (
    "four_sides",
    "stranger_reads",
    ("ruled_out", "Schools, because my mother taught in one. Museums,"),
)

WHEEL_THEN = (
    ("Variety", 4, 7, 5), ("Freedom to choose how", 6, 8, 8), ("The people I work with", 7, 8, 7),
    ("Explaining things", 4, 9, 10), ("Learning", 7, 8, 8), ("Place, light and quiet", 3, 7, 6),
    ("Pay and security", 4, 6, 7), ("Time with the girls", 3, 8, 10),
)  # fmt: skip
WHEEL_NOW = (
    ("Variety", 5, 7, 5), ("Freedom to choose how", 6, 8, 8), ("The people I work with", 8, 8, 7),
    ("Explaining things", 7, 9, 10), ("Learning", 7, 8, 8), ("Place, light and quiet", 3, 7, 6),
    ("Pay and security", 4, 7, 8), ("Time with the girls", 5, 8, 10),
)  # fmt: skip
LINE = (
    (2009, "Summer on the lake", 3, "Being trusted with the boat", ""),
    (2012, "Doctorate begins", 1, "A question of my own", ""),
    (2014, "The winter without results", -4, "", "Nobody to show it to"),
    (2016, "The evening class", 5, "Thirty adults who wanted to be there", ""),
    (2018, "Thesis handed in", 3, "It was finished, and it was good", "I had stopped seeing people"),
    (2020, "Alone in the lab", -3, "", "Silence, screens, two small children"),
    (2022, "Eastmere", 2, "Colleagues who ask back", ""),
    (2024, "No again from the panel", -2, "", "Writing for a panel that I never met"),
    (2025, "The Thursday group", 4, "A room in which people admit what they do not know", ""),
)
REPEAT = ("A room with people who want to be in it", "Being trusted with something before I am ready")
AVOID = ("A winter with nobody to show it to",)
KEEP = (
    ("Explaining until somebody smiles", "keep", "It is what I am tired from in a good way."),
    ("The Thursday group", "keep", "I come out with more than I brought."),
    ("Mail before nine", "change", "By ten the day belongs to others."),
    ("Writing applications", "unsure", "I like the first page."),
)
STRENGTHS = (
    (
        "I see who has stopped talking",
        "The reading group: Samira spoke in week seven, after I had sat beside her.",
        "Nandi",
        9,
    ),
    ("I find the plain word", "The methods section, and the evening class.", "Two reviewers", 8),
)
VALUES = {
    "heart": ("teaching", "family", "honesty"),
    "matters": ("learning", "autonomy", "belonging", "craft", "truth"),
    "less": ("influence", "income", "adventure", "recognition"),
}
SELF_140 = {
    "as_i_am": "I help people ask what they did not dare to ask.",
    "as_seen": "The one to whom you can bring the question that you are ashamed of.",
    "for_life": "She opened doors and held them.",
}

ENTRY = (
    "Mornings without mail",
    "I kept the mail shut until ten, all week but once. Two pages that I like, and a walk round the pond on Wednesday "
    "that had no purpose.\n\nThe odd thing: I felt that I had to hide it. Whose time is it before ten?",
    ("work", "quiet"),
)
GOAL = (
    "Find out whether there is a job in explaining science",
    "Because I have called it a hobby for nine years.",
    (
        "I have not spoken to anybody by summer.",
        "I have read about it and nothing else.",
        "I have talked to three people who do it.",
        "I have spent a day beside one of them.",
        "I have been asked to do a piece of it, for money.",
    ),
)
SECOND_GOAL = ("Evenings that belong to the girls", "", ("", "", "Three evenings a week without a screen.", "", ""))
STEPS = (
    ("Write to Imke at the science centre and ask for half an hour", 4, False),
    ("Ask Nandi what the evening class pays", 11, False),
    ("Tell Ioana what I want from the last three sessions", -6, True),
)
BRING = (
    "Imke has answered. I am glad, and I have not written back for six days. I would like to look at these six days."
)
NOTE_PRIVATE = "Listens for what others need before she says what she needs. Ask, and wait longer."
NOTE_SHARED = (
    "You said last time that you would look at what “failing at the bench” means. I am curious what you found."
)
AGREED = "Draw the line of your working life again, with the last two years in it"

MAREK_BROUGHT = "The firm closed in August. I know how to run a warehouse, and I do not want to run another."
MAREK_ANSWERS = (
    ("life_now", "Bread rolls, the dog, then nobody waits for me, which is new."),
    ("look_forward", "To the quarter to six, before the first lorry. The plan for the day was still whole."),
    ("comes_easily", "Seeing what will go wrong. My wife says it is not a gift on holidays."),
    ("still_yours", "Thirty people who would still pick up the phone."),
)  # fmt: skip
MAREK_ENTRY = (
    "First Monday",
    "I got up at five all the same. Wrote down everything that I did in the last job that nobody asked me to do. "
    "It is a longer list than the other one.",
    ("beginning",),
)
