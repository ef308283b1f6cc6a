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
