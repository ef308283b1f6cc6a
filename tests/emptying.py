"""A pytest plugin: what a test has committed is deleted where something lies.

Django truncates every table, filled or not, and writes content types and permissions anew: half a second for each test
that commits. Rows that came with the tables stay.
"""

from django.db import connection
from django.test import TransactionTestCase

_came_with_the_tables = {"django_migrations", "django_content_type", "auth_permission"}


def _delete(_case: TransactionTestCase) -> None:
    tables = sorted(set(connection.introspection.django_table_names(only_existing=True)) - _came_with_the_tables)
    filled = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(filled)
        deletes = [f'DELETE FROM "{table}"' for (table,) in cursor.fetchall()]
        if deletes:
            off, on = (f"SET session_replication_role = {role}" for role in ("replica", "origin"))
            cursor.execute("; ".join([off, *deletes, on]))


TransactionTestCase._fixture_teardown = _delete  # type: ignore[method-assign]
