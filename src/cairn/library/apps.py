from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class LibraryConfig(AppConfig):
    name = "cairn.library"
    label = "library"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Refuse to start with an organisation's own content that does not fit."""
        if settings.CAIRN_CONTENT:
            self._check_own_content()

    def _check_own_content(self) -> None:
        from cairn.library.queries import checking, content

        try:
            found = [each for language in content.languages() for each in checking.check(language)]
        except content.BadContent as error:
            found = [str(error)]
        if found:
            raise ImproperlyConfigured(f"CAIRN_CONTENT does not fit: {found[0]}")
