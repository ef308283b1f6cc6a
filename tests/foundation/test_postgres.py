"""The embedded PostgreSQL, on real servers in folders of their own."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from cairn.foundation import postgres
from cairn.foundation.postgres import binaries, cluster, process
from tests import memory
from tests.once import once

AS_ROOT = os.geteuid() == 0
root_only = pytest.mark.skipif(not AS_ROOT, reason="needs root")
HOLDER = """
import sys
from pathlib import Path
from cairn.foundation import postgres
server = postgres.ensure_running(Path(sys.argv[1]))
print(server.pid, server.started_here, flush=True)
sys.stdin.readline()
print(postgres.stop(server), flush=True)
"""


@pytest.fixture(scope="module")
def programs():
    """PostgreSQL's programs where every account can run them, so that not every test copies them."""
    place = cluster.open_folder(Path("/tmp"))
    found = binaries.keep_copy(binaries.choose(binaries.candidates(), major=None), place)
    shared = place / "programs"
    shared.symlink_to(found.bin.parent)
    yield [shared / "bin"]
    shutil.rmtree(place)


@pytest.fixture(autouse=True)
def shared_programs(request, monkeypatch, programs):
    if "own_programs" not in request.fixturenames:
        monkeypatch.setattr(binaries, "candidates", lambda: programs)


@pytest.fixture
def own_programs():
    """For tests about where the programs come from: look in the usual places."""


@pytest.fixture
def folder(request):
    """A folder that the server's account may enter; whatever still runs in it afterwards is ended."""
    path = cluster.open_folder(Path("/tmp") if "own_programs" in request.fixturenames else memory.place())
    yield path
    for state in path.glob("**/cluster"):
        process.halt(state.resolve(), how=signal.SIGQUIT)
    shutil.rmtree(path)


@pytest.fixture
def untouched(folder):
    """A state folder that is not there yet."""
    return folder / "state"


@pytest.fixture(scope="module")
def resting(tmp_path_factory, programs):
    """A cluster as the first start leaves it, made once: for tests that are not about the first start."""

    def make(folder):
        state = cluster.open_folder(memory.place())
        try:
            postgres.stop(postgres.ensure_running(state, look_in=programs, fast_unsafe=True))
            begin_with(state / "cluster", folder)
        finally:
            shutil.rmtree(state)

    return once(tmp_path_factory, "resting-cluster", make) / "cluster"


def begin_with(resting, state):
    """Put a copy of a resting cluster into a state folder."""
    state.mkdir(mode=0o711, exist_ok=True)
    subprocess.run(["cp", "-a", resting, state / "cluster"], check=True)
    return state


@pytest.fixture
def state(untouched, resting):
    """A state folder that was used before, with its server at rest."""
    return begin_with(resting, untouched)


def holder(state):
    """Another process that holds the server until a line is written to it."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(state)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def let_go(other):
    said, _ = other.communicate("\n")
    return said.split()[-1]


@contextmanager
def mounted(path, options):
    """A small disk in memory."""
    path.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this machine lets nobody mount a small disk: {done.stderr.strip()}")
    try:
        yield path
    finally:
        process.halt(path / "cluster", how=signal.SIGQUIT)
        subprocess.run(["umount", path], check=True)


def write(server, number):
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        connection.execute("INSERT INTO kept VALUES (%s)", [number])


def read(server):
    with psycopg.connect(server.url) as connection:
        return [number for (number,) in connection.execute("SELECT number FROM kept ORDER BY number")]


def kill_server(server):
    os.kill(server.pid, signal.SIGKILL)
    while process.is_server(server.pid):
        time.sleep(0.01)


def test_first_start_makes_the_database_with_an_ordinary_owner(untouched):
    server = postgres.ensure_running(untouched)

    with psycopg.connect(server.url) as connection:
        found = connection.execute(
            "SELECT d.datname, r.rolname, r.rolsuper, r.rolcreatedb, pg_encoding_to_char(d.encoding), "
            "current_setting('data_checksums'), current_setting('listen_addresses'), current_setting('fsync') "
            "FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE d.datname = current_database()"
        ).fetchone()
    assert found == ("cairn", "cairn", False, True, "UTF8", "on", "", "on")
    assert server.started_here is True
    assert postgres.stop(server) is True


def test_extensions_that_migrations_need_can_be_created_by_the_owner(state):
    server = postgres.ensure_running(state, fast_unsafe=True)

    with psycopg.connect(server.url) as connection:
        for name in ("btree_gist", "pg_trgm", "unaccent"):
            connection.execute(f"CREATE EXTENSION {name}")
    postgres.stop(server)


def test_second_user_shares_the_server_and_the_last_one_stops_it(state):
    first = postgres.ensure_running(state)
    second = postgres.ensure_running(state)

    assert (second.started_here, second.pid, second.url) == (False, first.pid, first.url)
    assert postgres.stop(first) is False
    assert postgres.is_alive(second) is True
    assert postgres.stop(second) is True
    assert postgres.is_alive(second) is False
    assert postgres.stop(second) is False


def test_address_is_the_same_while_the_server_rests(state):
    server = postgres.ensure_running(state)
    postgres.stop(server)

    assert postgres.database_url(state) == server.url


def test_two_processes_starting_at_once_share_one_server(untouched):
    others = [holder(untouched) for _ in range(3)]

    lines = [other.stdout.readline().split() for other in others]
    stopped = [let_go(other) for other in others]

    assert len({pid for pid, _ in lines}) == 1
    assert sorted(started for _, started in lines) == ["False", "False", "True"]
    assert stopped == ["False", "False", "True"]


def test_killed_user_does_not_keep_the_server_running(state):
    other = holder(state)
    other.stdout.readline()
    own = postgres.ensure_running(state)
    other.kill()
    other.communicate()

    assert postgres.stop(own) is True


def test_server_outlives_the_process_that_started_it(state):
    other = holder(state)
    pid = int(other.stdout.readline().split()[0])
    own = postgres.ensure_running(state)

    assert let_go(other) == "False"
    write(own, 1)
    assert (own.pid, read(own), postgres.stop(own)) == (pid, [1], True)


def test_committed_rows_survive_a_killed_server(state):
    server = postgres.ensure_running(state)
    write(server, 1)
    kill_server(server)

    again = postgres.ensure_running(state)

    assert (again.started_here, read(again)) == (True, [1])
    postgres.stop(server)
    postgres.stop(again)


def test_dead_server_is_revived_on_the_same_address(state):
    server = postgres.ensure_running(state)
    write(server, 1)
    kill_server(server)

    revived = postgres.revive(server)

    assert (revived.url, read(revived), postgres.stop(revived)) == (server.url, [1], True)


def test_number_of_a_dead_server_taken_by_another_process_does_not_prevent_the_start(state):
    server = postgres.ensure_running(state)
    write(server, 1)
    kill_server(server)
    note = server.data / "postmaster.pid"
    _, *rest = note.read_text().splitlines(keepends=True)
    note.write_text(f"{os.getpid()}\n" + "".join(rest))

    again = postgres.ensure_running(state)

    assert read(again) == [1]
    postgres.stop(server)
    postgres.stop(again)


def test_interrupted_making_of_the_cluster_leaves_nothing_in_the_way(untouched):
    half = untouched / "cluster.new"
    half.mkdir(parents=True)
    untouched.chmod(0o711)
    (half / "PG_VERSION").write_text("18\n")

    server = postgres.ensure_running(untouched)

    assert (postgres.stop(server), half.exists()) == (True, False)


def test_programs_are_kept_beside_the_cluster_and_serve_when_the_wheel_is_gone(own_programs, state):
    first = postgres.ensure_running(state)
    if not first.bin.is_relative_to(first.place.folder):
        postgres.stop(first)
        pytest.skip("the programs come from the machine, not from the wheel")
    postgres.stop(first)

    again = postgres.ensure_running(state, look_in=[])

    assert (again.bin, postgres.stop(again)) == (first.bin, True)


def test_kept_programs_find_their_own_libraries(own_programs, state):
    server = postgres.ensure_running(state)

    command = [server.bin / "pg_dump", "--dbname", server.url]
    dump = subprocess.run(command, capture_output=True, text=True, check=False)

    postgres.stop(server)
    assert (dump.returncode, dump.stderr) == (0, "")


def test_log_repeats_no_values_of_failed_statements(state):
    server = postgres.ensure_running(state)
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE people (address text UNIQUE)")
        for _ in range(2):
            with suppress(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO people VALUES ('amara@example.org')")
    postgres.stop(server)

    assert server.log.read_text().count("amara") == 0


def test_missing_programs_are_told(untouched):
    with pytest.raises(postgres.PostgresProblem, match="No PostgreSQL programs were found: install"):
        postgres.ensure_running(untouched, look_in=[])


def test_cluster_of_another_version_is_told_and_left_alone(untouched):
    data = untouched / "cluster"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("12\n")

    with pytest.raises(postgres.PostgresProblem, match=r"made by PostgreSQL 12, but this machine has only version \d+"):
        postgres.ensure_running(untouched)
    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]


def test_folder_that_cannot_be_written_is_told(folder):
    closed = Path("/proc/cairn") if AS_ROOT else folder / "closed" / "state"
    if not AS_ROOT:
        closed.parent.mkdir(mode=0o500)

    with pytest.raises(postgres.PostgresProblem, match="cannot be created"):
        postgres.ensure_running(closed)


@root_only
def test_read_only_folder_is_told(folder):
    with mounted(folder / "disk", "size=1m") as disk:
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)

        with pytest.raises(postgres.PostgresProblem, match="cannot be written by this account"):
            postgres.ensure_running(disk)


def test_folder_of_somebody_else_is_told(untouched):
    if AS_ROOT:
        untouched.mkdir()
        os.chown(untouched, 12345, 12345)
    other = untouched if AS_ROOT else Path("/usr")

    with pytest.raises(postgres.PostgresProblem, match="belongs to another account"):
        postgres.ensure_running(other)


def test_server_that_does_not_answer_is_told_and_left_running(state):
    server = postgres.ensure_running(state)
    os.kill(server.pid, signal.SIGSTOP)
    try:
        with pytest.raises(postgres.PostgresProblem, match="has not answered within 1 s"):
            postgres.ensure_running(state, patience=1)
    finally:
        os.kill(server.pid, signal.SIGCONT)

    assert postgres.stop(server) is True


@root_only
def test_full_disk_is_told_and_the_start_works_once_there_is_room(own_programs, folder):
    with mounted(folder / "disk", "size=48m,mode=0711") as disk:
        with pytest.raises(postgres.PostgresProblem, match="is full: free some space"):
            postgres.ensure_running(disk)
        subprocess.run(["mount", "-o", "remount,size=300m", disk], check=True)

        server = postgres.ensure_running(disk)

        write(server, 1)
        assert (read(server), postgres.stop(server)) == ([1], True)


@root_only
def test_disk_that_fills_up_under_a_running_server_loses_nothing_committed(folder, resting):
    with mounted(folder / "disk", "size=160m,mode=0711") as disk:
        server = postgres.ensure_running(begin_with(resting, disk))
        write(server, 1)
        filler = disk / "filler"
        with pytest.raises(OSError, match="No space left"), filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(1 << 16))
        with pytest.raises(psycopg.OperationalError), psycopg.connect(server.url) as connection:
            connection.execute("INSERT INTO kept SELECT n FROM generate_series(2, 1000000) n")
        kill_server(server)
        filler.unlink()

        revived = postgres.revive(server)

        write(revived, 2)
        assert (read(revived), postgres.stop(revived)) == ([1, 2], True)


def test_long_path_of_the_state_folder_gets_a_short_socket(folder, resting):
    state = folder / ("a" * 100) / "state"
    state.parent.mkdir(mode=0o711)

    server = postgres.ensure_running(begin_with(resting, state))

    write(server, 1)
    assert len(os.fsencode(server.place.sockets / cluster.SOCKET_NAME)) <= cluster.LONGEST_SOCKET_PATH
    assert (read(server), server.place.sockets.stat().st_mode & 0o777) == ([1], 0o700)
    postgres.stop(server)
    server.place.sockets.rmdir()


def test_path_with_spaces_quotes_and_other_scripts_works(folder):
    server = postgres.ensure_running(folder / "état d'été, 職業 %20")

    write(server, 1)
    assert (read(server), postgres.stop(server)) == ([1], True)
    server.place.sockets.rmdir()


def test_path_that_a_shell_would_read_differently_is_refused(folder):
    with pytest.raises(postgres.PostgresProblem, match="cannot take"):
        postgres.ensure_running(folder / "$(id)")
    assert list(folder.iterdir()) == []


@root_only
def test_root_with_closed_folders_gets_a_cluster_elsewhere_and_a_link_to_it(folder, monkeypatch):
    monkeypatch.setattr(cluster, "PLACES_FOR_ROOT", folder / "places")
    state = folder / "closed" / "state"
    state.parent.mkdir(mode=0o700)
    server = postgres.ensure_running(state)
    write(server, 1)
    postgres.stop(server)

    again = postgres.ensure_running(state)

    assert ((state / "cluster").readlink(), read(again)) == (server.data, [1])
    postgres.stop(again)
    shutil.rmtree(server.place.folder)
    with pytest.raises(postgres.PostgresProblem, match="which is gone: bring that folder back"):
        postgres.ensure_running(state)


@root_only
def test_cluster_brought_back_as_root_is_given_to_the_servers_account(state):
    server = postgres.ensure_running(state)
    write(server, 1)
    postgres.stop(server)
    subprocess.run(["chown", "-R", "0:0", server.data], check=True)

    again = postgres.ensure_running(state)

    assert (read(again), postgres.stop(again)) == ([1], True)


def test_throwaway_leaves_nothing_behind(folder):
    server = postgres.throwaway(folder)
    write(server, 1)

    with psycopg.connect(server.url) as connection:
        fsync, most = connection.execute(
            "SELECT current_setting('fsync'), current_setting('max_connections')::int"
        ).fetchone()
    assert (fsync, most >= 100) == ("off", True)
    assert (postgres.stop(server), list(folder.iterdir()), postgres.is_alive(server)) == (True, [], False)


def test_programs_too_old_for_us_are_not_taken(folder):
    old = folder / "old"
    old.mkdir()
    for name in ("postgres", "initdb"):
        (old / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 11.22'\n")
        (old / name).chmod(0o755)

    with pytest.raises(postgres.PostgresProblem, match="No PostgreSQL programs were found"):
        binaries.choose([old], major=None)
