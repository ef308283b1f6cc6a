from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Procrastinate finds the jobs in `cairn.jobs.tasks` on its own."""

    name = "cairn.jobs"
    label = "jobs"
