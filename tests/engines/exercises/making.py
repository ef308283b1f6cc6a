"""One small exercise with a part of every kind."""

from cairn.engines.exercises.shapes import Column, Exercise, Part

PILES = {"heart": "at the heart", "less": "less"}
EXERCISE = Exercise(
    key="small",
    version=1,
    language="en",
    title="Small",
    purpose="To try things.",
    minutes=5,
    parts=(
        Part("note", "text", "Note"),
        Part("self", "short", "Self", limit=140),
        Part("far", "scale", "How far", low=0, high=10),
        Part("mood", "choice", "Mood", options={"good": "good", "fair": "fair"}),
        Part(
            "rows",
            "rows",
            "Rows",
            columns=(
                Column("what", "text", "What"),
                Column("height", "scale", "Height", low=-5, high=5),
                Column("year", "number", "Year", low=1930, high=2100),
                Column("due", "date", "By when"),
                Column("wish", "choice", "Wish", options={"keep": "keep it", "change": "change it"}),
                Column("why", "long", "Because"),
            ),
            start=({"what": "Variety"},),
            most=3,
        ),
        Part("cards", "sort", "Cards", cards={"order": "order", "play": "play"}, piles=PILES),
    ),
)
