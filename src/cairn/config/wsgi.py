"""The WSGI application that `cairn web` serves."""

import gc
import os

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

gc.disable()  # while loading there is next to nothing to collect, and looking for it takes a sixth of the time
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cairn.config.settings")
application = get_wsgi_application()


def _refuse_what_is_undeclared() -> None:
    """Load every door, and refuse to serve when one does not say who may pass."""
    from cairn.web import checks

    for error in checks.every_url_is_declared(None):
        raise ImproperlyConfigured(f"{error.msg} {error.hint}")


# Every door is loaded before the first visitor comes, and what is loaded then stays for good: the collector need not
# look through it again and again, which held up one page in fifty for an eighth of a second.
_refuse_what_is_undeclared()
gc.collect()
gc.freeze()
gc.enable()
