"""Keys and the shape of every sealed row."""

import uuid

from django.db import models

from cairn.people.models import Person


class SealingKey(models.Model):
    """A person's own key, wrapped by the master key. Destroying the row makes every text of theirs unreadable."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="+")
    wrapped = models.BinaryField()
    made_at = models.DateTimeField()
    master = models.CharField(max_length=16, blank=True, help_text="fingerprint of the master key that wraps it")


class Sealed(models.Model):
    """A row whose text is sealed with its person's key; `name` is bound into the seal."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    name = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text="bound into the seal")

    class Meta:
        abstract = True


class Erasure(models.Model):
    """That a journey was erased, kept without saying whose: the receipt's number, the moment, and counts."""

    receipt = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    erased_at = models.DateTimeField()
    counts = models.JSONField(default=dict)
