"""The constraint on portraits: what it allows, what it refuses."""

from cairn.journey.models import Portrait
from tests.cast import AT
from tests.house.constraints_programmes import each


def _portrait(w, who="thandiwe"):
    return Portrait.objects.create(person=w.people[who], sealed=b"sealed", saved_at=AT)


TABLE = {
    "one_portrait_per_person": (
        lambda w: each(lambda **f: _portrait(w, **f), {}, {"who": "part"}),
        lambda w: each(lambda **f: _portrait(w, **f), {}, {}),
    ),
}
