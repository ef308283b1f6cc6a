"""Why a question or an exercise comes now, in a sentence that names its source."""

import datetime as dt

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cairn.engines.paths.shapes import Question, Stage
from cairn.engines.paths.walking import Reason, State, Why
from cairn.journey.queries.walked import Walked
from cairn.people.models import Person


def question_reason(walk: Walked, question: Question, stage: Stage, reason: Reason, reader: Person) -> str:
    """Why this question comes now."""
    answered = walk.progress.state(question.key) == State.ANSWERED
    if answered and reason.why not in (Why.LOOK_BACK, Why.PICKED):
        return _("You answered this on %(day)s. What you change becomes a version of its own when you are done.") % {
            "day": _day_of(walk, question.key, reader)
        }
    words = {
        Why.LOOK_BACK: _("You answered this on %(day)s and asked to look back on %(on)s."),
        Why.PICKED: _("%(coach)s picked this for you."),
        Why.BIGGER_PICTURE: _("It is about the bigger picture, which comes before anything on jobs."),
        Why.BEGUN: _("You began this on %(day)s."),
        Why.PARKED: _("You parked this on %(day)s. The others of its stage have had their turn."),
        Why.FOLLOWS: _("It follows on from “%(before)s”."),
        Why.HOMEWORK: _("You noted what you found out, so the questions of “%(stage)s” have something to stand on."),
        Why.ORDER: _("It comes next in “%(stage)s”."),
        Why.OWN_CHOICE: _("You came here by yourself. The whole path is open to you, in any order."),
    }
    if reason.why in words:
        return words[reason.why] % {
            "day": _day_of(walk, question.key, reader),
            "on": date_format(reason.on, "j F Y") if reason.on else "",
            "coach": walk.coaches.get(question.key, ""),
            "before": _text_of(walk, reason.question),
            "stage": stage.title,
        }
    return shared_reason(walk, reason)


def shared_reason(walk: Walked, reason: Reason) -> str:
    """The reasons that questions and exercises have in common: what brought somebody, and what they wrote."""
    if reason.why == Why.TOPIC:
        labels = [each.label.rstrip(".") for each in walk.path.topics if each.key in reason.topics]
        return _("You said that this brings you here: %(topics)s.") % {
            "topics": "; ".join(f"“{each}”" for each in labels)
        }
    if reason.question:
        return _("You wrote “%(word)s” in your answer to “%(before)s”.") % {
            "word": reason.word,
            "before": _text_of(walk, reason.question),
        }
    return _("You wrote “%(word)s” when you said what brings you here.") % {"word": reason.word}


def _text_of(walk: Walked, key: str) -> str:
    question = walk.path.question(key)
    return question.text if question else ""


def _day_of(walk: Walked, key: str, reader: Person) -> str:
    row = walk.answers.get(key)
    moment: dt.datetime | None = (row.answered_at or row.saved_at) if row else None
    if row is not None and row.state in (State.PARKED, State.DRAFT):
        moment = row.saved_at
    return date_format(moment.astimezone(reader.zone), "j F Y") if moment else ""
