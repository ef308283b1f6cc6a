"""What people add to the library: questions that coaches contribute, per organisation."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from cairn.library.terms import ContributionKind, ContributionState
from cairn.people.models import Organisation, Person


class Contribution(models.Model):
    """A question that a coach would gladly ask, or would never ask. It counts once a coordinator has accepted it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    coach = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=ContributionKind)
    text = models.CharField(max_length=300)
    because = models.TextField(blank=True, max_length=2000)
    stage = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=ContributionState, default=ContributionState.OFFERED)
    offered_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True, max_length=2000)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="contribution_reviewed_by_somebody",
                condition=Q(state=ContributionState.OFFERED, reviewed_by=None, reviewed_at=None)
                | Q(~Q(state=ContributionState.OFFERED), reviewed_by__isnull=False, reviewed_at__isnull=False),
            ),
            models.CheckConstraint(name="contribution_has_a_text", condition=~Q(text="")),
            models.UniqueConstraint(
                Lower("text"),
                "organisation",
                "kind",
                condition=~Q(state=ContributionState.DECLINED),
                name="contribution_stands_once",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "state", "kind"])]
