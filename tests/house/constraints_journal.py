"""The constraint on what waits to be brought into a journal: what it allows, what it refuses."""

from cairn.journey.models import JournalImport
from tests.cast import AT


def _waiting(w, who="thandiwe"):
    return JournalImport.objects.create(person=w.people[who], sealed=b"x", made_at=AT)


TABLE = {
    "one_pending_import_per_person": (
        lambda w: [_waiting(w), _waiting(w, "part")][-1],
        lambda w: [_waiting(w), _waiting(w)][-1],
    ),
}
