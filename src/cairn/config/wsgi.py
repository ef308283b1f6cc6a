"""The WSGI application that `cairn web` serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cairn.config.settings")
application = get_wsgi_application()

# Every door is loaded before the first visitor comes, and what is loaded then stays for good: the collector need not look
# through it again and again, which held up one page in fifty for an eighth of a second.
_ = get_resolver().url_patterns
gc.collect()
gc.freeze()
