"""A pytest plugin, loaded before Django reads its settings: one throw-away PostgreSQL for the whole run.

Workers of pytest-xdist find the server of the first process in the environment.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import psycopg

from cairn.foundation import postgres
from cairn.foundation.postgres.cluster import ROLE, SUPERUSER
from tests import memory

SERVER = "CAIRN_TEST_SERVER"


def _start() -> None:
    folder = Path(tempfile.mkdtemp(prefix="cairn-tests-", dir=memory.place()))
    folder.chmod(0o711)  # the server's own account enters it
    server = postgres.throwaway(folder / "postgres")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(postgres.stop, server)
    os.environ[SERVER] = os.environ["DATABASE_URL"] = server.url
    _let_rows_be_put_back(server.url)
    os.environ["CAIRN_STATE"] = str(folder / "state")
    for name in [
        key for key in os.environ if key.startswith("CAIRN_") and key not in {SERVER, "CAIRN_STATE", "CAIRN_LONG"}
    ]:
        del os.environ[name]


def _let_rows_be_put_back(url: str) -> None:
    """The role of the tests may switch triggers off, for `tests.standing`. The product's own role never may."""
    with psycopg.connect(url, user=SUPERUSER, dbname="postgres", autocommit=True) as connection:
        connection.execute(f"GRANT SET ON PARAMETER session_replication_role TO {ROLE}")


if SERVER not in os.environ:
    _start()
