"""Whether this Cairn can work: the database answers, its shape is the one this code expects, the queue moves."""

from dataclasses import dataclass

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import DatabaseError

from cairn.foundation import metrics
from cairn.foundation.models import MailMessage


@dataclass(frozen=True)
class Health:
    """Yes or no, and one word why not."""

    ready: bool
    reason: str = ""


def readiness() -> Health:
    """Ask the database; never raises."""
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return Health(False, "migrations")
    except DatabaseError:
        return Health(False, "database")
    return Health(True)


def measure() -> None:
    """Bring the gauges of mail and queue up to date."""
    for state in MailMessage.State.values:
        metrics.MAILS.labels(state).set(MailMessage.objects.filter(state=state).count())
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY status")
        for status, count in cursor.fetchall():
            metrics.JOBS.labels(status).set(count)
