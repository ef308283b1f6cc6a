"""What meetings of many hold: agenda and notes, places, questions, points made, parting words."""

from django.db import models
from django.db.models import Q

from cairn.delivery.models.sessions import CoachingSession
from cairn.delivery.terms import PlaceState, PointKind, QuestionStage
from cairn.people.models import Person
from cairn.programmes.models import CoachEngagement, Enrolment


class SessionDetail(models.Model):
    """What a coach meeting, topic session, drop-in or celebration says of itself. `places` None: everybody."""

    session = models.OneToOneField(CoachingSession, on_delete=models.CASCADE, related_name="detail")
    title = models.CharField(max_length=120, blank=True)
    description = models.TextField(max_length=4000, blank=True, help_text="what a topic session is about; an agenda")
    material = models.URLField(max_length=500, blank=True, help_text="where the presentation can be read")
    notes = models.TextField(max_length=8000, blank=True)
    places = models.PositiveSmallIntegerField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="session_has_places_for_some", condition=Q(places=None) | Q(places__gte=1))
        ]


class SessionPlace(models.Model):
    """Somebody who means to come to a session for the whole cohort: with a place, or waiting for one; or cannot come.

    Coaches are expected at their meetings and at a celebration, so that only a coach who cannot come has a row.
    """

    session = models.ForeignKey(CoachingSession, on_delete=models.CASCADE, related_name="places")
    enrolment = models.ForeignKey(Enrolment, null=True, on_delete=models.CASCADE, related_name="+")
    engagement = models.ForeignKey(CoachEngagement, null=True, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=PlaceState)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "enrolment"], name="one_place_per_session"),
            models.UniqueConstraint(fields=["session", "engagement"], name="one_answer_per_coach"),
            models.CheckConstraint(
                name="place_is_a_coachees_or_a_coach_is_away",
                condition=Q(enrolment__isnull=False, engagement=None)
                | Q(enrolment=None, engagement__isnull=False, state="away"),
            ),
        ]
        indexes = [models.Index(fields=["session", "state", "since"])]


class SessionQuestion(models.Model):
    """A question for a topic session. Nobody but its author sees who asked it."""

    session = models.ForeignKey(CoachingSession, on_delete=models.CASCADE, related_name="questions")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(max_length=1000)
    stage = models.CharField(max_length=8, choices=QuestionStage)
    at = models.DateTimeField()
    taken_up_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(name="session_question_says_something", condition=~Q(text=""))]


class MeetingPoint(models.Model):
    """A common challenge, a comment or feedback that a coach brings to a coach meeting."""

    session = models.ForeignKey(CoachingSession, on_delete=models.CASCADE, related_name="points")
    by = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=PointKind)
    text = models.TextField(max_length=2000)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="meeting_point_says_something", condition=~Q(text=""))]


class PartingWord(models.Model):
    """What a coach says to the cohort at its end. One for each coach; its author may change it."""

    session = models.ForeignKey(CoachingSession, on_delete=models.CASCADE, related_name="parting_words")
    by = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(max_length=1000)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "by"], name="one_parting_word_per_coach"),
            models.CheckConstraint(name="parting_word_says_something", condition=~Q(text="")),
        ]
