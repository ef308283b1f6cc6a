from django.apps import AppConfig


class JourneyConfig(AppConfig):
    name = "cairn.journey"
    label = "journey"
    default_auto_field = "django.db.models.BigAutoField"
