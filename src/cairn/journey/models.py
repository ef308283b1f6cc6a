"""The coachee's own records. Only this room imports this module; the import contracts hold it to that."""

import uuid

from django.db import models

from cairn.people.models import Person


class SealingKey(models.Model):
    """A person's own key, wrapped by the master key. Destroying the row makes every text of theirs unreadable."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="+")
    wrapped = models.BinaryField()
    made_at = models.DateTimeField()


class JournalEntry(models.Model):
    """What a coachee wrote for themselves. Sealed; readable by its author only until they share it."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    name = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text="bound into the seal")
    sealed = models.BinaryField()
    written_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "-written_at"])]
