"""The journal."""

from django.db import models

from cairn.journey.models.sealed import Sealed


class JournalEntry(Sealed):
    """What a coachee wrote for themselves. `sealed` is the text; `sealed_head` JSON with title and tags."""

    sealed = models.BinaryField()
    sealed_head = models.BinaryField(null=True)
    written_at = models.DateTimeField()
    saved_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["person", "-written_at"])]


class JournalImport(Sealed):
    """What somebody is about to bring into their journal, until they keep it or not. `sealed` is JSON: the entries."""

    sealed = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person"], name="one_pending_import_per_person")]
