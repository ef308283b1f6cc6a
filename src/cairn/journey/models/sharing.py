"""Who else may read what, who did, and what a coach adds."""

from django.db import models
from django.db.models import F, Q

from cairn.journey.models.sealed import Sealed
from cairn.journey.terms import ItemKind, PickKind
from cairn.people.models import Person


class Share(models.Model):
    """A grant by `person` to one reader, until a moment: one item, or (without `item_id`) all of a kind."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    reader = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=ItemKind)
    item_id = models.BigIntegerField(null=True)
    since = models.DateTimeField()
    until = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "reader", "kind", "item_id"],
                condition=Q(withdrawn_at=None),
                nulls_distinct=False,
                name="one_open_share_per_item_and_reader",
            ),
            models.CheckConstraint(name="share_ends_after_it_begins", condition=Q(until__gt=F("since"))),
            models.CheckConstraint(name="share_is_with_another", condition=~Q(reader=F("person"))),
        ]
        indexes = [models.Index(fields=["reader", "person", "kind"])]


class Reading(models.Model):
    """One reading of an item by somebody else, written before the text is shown. The author sees them all."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", help_text="the author")
    reader = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=ItemKind)
    item_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="reading_is_by_another", condition=~Q(reader=F("person")))]
        indexes = [models.Index(fields=["person", "-at"]), models.Index(fields=["person", "kind", "item_id", "-at"])]


class Companion(models.Model):
    """A coach whom somebody has asked, by e-mail, to walk beside them: no organisation, no minutes, by consent."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    address = models.EmailField(max_length=254)
    coach = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="+")
    secret_hash = models.CharField(max_length=64, unique=True)
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="companion_accepted_by_somebody",
                condition=Q(accepted_at=None, coach=None) | Q(accepted_at__isnull=False, coach__isnull=False),
            ),
            models.CheckConstraint(name="companion_is_another", condition=Q(coach=None) | ~Q(coach=F("person"))),
            models.UniqueConstraint(
                fields=["person", "coach"],
                condition=Q(ended_at=None, coach__isnull=False),
                name="one_open_companion_per_coach",
            ),
        ]


class CoachNote(Sealed):
    """A coach's note about a coachee, sealed with the coach's own key (`person`). Private unless `is_shared`."""

    about = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    is_shared = models.BooleanField(default=False)
    sealed = models.BinaryField()
    session_id = models.BigIntegerField(null=True, help_text="a coaching session; no foreign key points up")
    written_at = models.DateTimeField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="note_is_about_another", condition=~Q(about=F("person")))]
        indexes = [models.Index(fields=["about", "person", "-written_at"])]


class Pick(models.Model):
    """A question or an exercise that a coach picked for a coachee's next time. The coachee may put it away."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", help_text="for whom")
    coach = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=PickKind)
    key = models.CharField(max_length=60)
    picked_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "coach", "kind", "key"],
                condition=Q(closed_at=None),
                name="one_open_pick_per_item_and_coach",
            ),
            models.CheckConstraint(name="pick_is_for_another", condition=~Q(coach=F("person"))),
        ]
