"""Fixtures for every test: the moment, the fixed cast."""

import pytest


@pytest.fixture(autouse=True)
def plain_static_files(settings) -> None:
    """No manifest of hashed names is needed where no browser fetches them."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def at():
    """The moment at which the tests take place."""
    from tests import cast

    return cast.AT


@pytest.fixture
def world(db):
    """The fixed cast in a cohort under way, and a second organisation that must never see it."""
    from tests import cast

    return cast.build()
