"""The command ``cairn``, run as people run it."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from cairn.cli import database, main, prepare, showcase, supervise, terminal, up

CAIRN = [sys.executable, "-P", "-m", "cairn.cli"]


def cairn(*words, **environment):
    """Run the command in an environment of its own; None takes a variable away."""
    own = {name: value for name, value in {**os.environ, **environment}.items() if value is not None}
    return subprocess.run([*CAIRN, *words], env=own, capture_output=True, text=True, check=False)


def test_without_words_it_prints_a_short_help(capsys):
    assert main.main([]) == 0
    assert capsys.readouterr().out == main.HELP


def test_starting_the_command_loads_no_django():
    loaded = "import sys, cairn.cli.main; print('django' in sys.modules)"

    assert (
        subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout == "False\n"
    )


def test_command_with_the_embedded_database_leaves_no_server_running(embedded_state):
    done = cairn("shell", "--no-imports", "-c", LOOK, CAIRN_STATE=str(embedded_state), DATABASE_URL=None)

    assert (done.returncode, done.stdout) == (0, "cairn\n")
    assert (embedded_state / "cluster" / "postmaster.pid").exists() is False


def test_check_names_what_is_missing_and_says_so_by_its_exit_code(embedded_state):
    done = cairn("check", CAIRN_STATE=str(embedded_state), DATABASE_URL=None)

    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert [line.split()[0] for line in lines[-3:-1]] == ["database", "tables"]
    assert lines[-1] == "Something needs attention: see above."


def test_given_database_that_cannot_be_reached_is_told_and_no_other_is_made(tmp_path):
    done = cairn("check", CAIRN_STATE=str(tmp_path), DATABASE_URL=f"postgresql://x:hidden@/x?host={tmp_path}")

    assert (done.returncode, "It cannot be reached" in done.stdout, "hidden" in done.stdout) == (1, True, False)
    assert (tmp_path / "cluster").exists() is False


def test_given_database_leaves_the_state_folder_without_a_cluster(tmp_path, monkeypatch):
    monkeypatch.setenv("CAIRN_STATE", str(tmp_path))
    monkeypatch.setenv(database.ADDRESS, "postgresql://elsewhere/x")

    with database.at_hand() as server:
        assert (server, os.environ[database.ADDRESS]) == (None, "postgresql://elsewhere/x")
    assert (os.environ[database.ADDRESS], list(tmp_path.iterdir())) == ("postgresql://elsewhere/x", [])


def test_odd_setting_is_told_in_a_sentence(tmp_path):
    done = cairn("check", CAIRN_STATE=str(tmp_path), CAIRN_DEBUG="perhaps")

    assert (done.returncode, done.stderr) == (1, "cairn: CAIRN_DEBUG is “perhaps”; use 1 or 0.\n")


def test_unusable_state_folder_is_told_in_a_sentence():
    done = cairn("check", CAIRN_STATE="/proc/cairn", DATABASE_URL=None)

    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("cairn: The state folder /proc/cairn cannot be created")


def test_taken_port_is_refused_before_anything_starts(tmp_path, monkeypatch):
    monkeypatch.setenv("CAIRN_PUBLIC_URL", "http://127.0.0.1:8000")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = cairn("up", "--port", str(port), CAIRN_STATE=str(tmp_path / "state"), DATABASE_URL=None)

    assert (done.returncode, done.stdout, (tmp_path / "state").exists()) == (1, "", False)
    assert done.stderr.startswith(f"cairn: Port {port} of 127.0.0.1 cannot be used")


@pytest.mark.parametrize("port", ["0", "70000", "http"])
def test_port_that_is_none_is_refused(port, capsys):
    with pytest.raises(SystemExit) as refused:
        up.address_from(["--port", port], "cairn up")
    assert refused.value.code == 2


@pytest.mark.parametrize(
    ("host", "address"),
    [("0.0.0.0", "http://127.0.0.1:8123"), ("::1", "http://[::1]:8123"), ("host", "http://host:8123")],
)
def test_address_to_type_is_one_that_works(host, address):
    assert up.public_url(up.address_from(["--host", host, "--port", "8123"], "cairn up")) == address


def test_demonstration_that_is_not_installed_is_told(monkeypatch):
    monkeypatch.setattr(showcase, "PACKAGE", "cairn.cli.nowhere")

    with pytest.raises(terminal.Refusal, match="no demonstration world"):
        showcase.demo([])


def test_child_that_keeps_failing_ends_everything(monkeypatch, capsys):
    monkeypatch.setattr(supervise, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(supervise, "LONGEST_WAIT", 0.02)
    steady = supervise.Child(name="steady one", command=["sleep", "60"])
    failing = supervise.Child(name="failing one", command=["false"])

    with pytest.raises(terminal.Refusal, match="failing one ended 6 times in a row"):
        supervise.Supervisor([steady, failing], None).run(started=lambda: None)
    assert steady.running is False
    assert capsys.readouterr().err.count("the failing one ended (code 1) and starts again") == 5


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_polite_signal_ends_all_children_and_then_the_supervisor(monkeypatch, number):
    monkeypatch.setattr(supervise, "LOOK_SECONDS", 0.01)
    children = [supervise.Child(name=name, command=["sleep", "60"]) for name in ("one", "another")]
    before = signal.getsignal(number)

    supervise.Supervisor(children, None).run(started=lambda: os.kill(os.getpid(), number))

    assert [(child.running, child.process.returncode) for child in children] == [(False, -signal.SIGTERM)] * 2
    assert signal.getsignal(number) is before


def test_child_that_never_starts_is_told(monkeypatch):
    child = supervise.Child(name="web server", command=["false"])
    supervisor = supervise.Supervisor([child], None)

    with pytest.raises(terminal.Refusal, match="web server did not start"):
        supervisor.run(started=lambda: supervisor.wait_for(lambda: False, child, patience=5))


def test_collected_files_are_left_alone_until_a_source_changes(settings, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "page.css").write_text("a {}")
    settings.DEBUG = False
    settings.STATIC_ROOT = str(tmp_path / "static")
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]

    first, second = prepare.static_files(), prepare.static_files()
    (source / "page.css").write_text("a { color: inherit }")

    assert (first, second, prepare.static_files()) == (True, False, True)
    assert (tmp_path / "static" / "page.css").read_text() == "a { color: inherit }"


LOOK = "from django.db import connection as c; u = c.cursor(); u.execute('SELECT current_user'); print(u.fetchone()[0])"
