"""Sentences keep their parameters apart, so that a door can translate them."""

from datetime import UTC, date, datetime, time

from cairn.engines.wording import Refusal, Wording, gettext_noop


class Late(Refusal):
    key = "test.late"
    template = gettext_noop("{name} came at {at} on {on}.")


def test_a_wording_reads_as_an_english_sentence():
    wording = Wording("test.moved", "Moved from {a} to {b}.", {"a": date(2027, 5, 3), "b": datetime(2027, 5, 4, 9, 5)})

    assert wording.sentence == "Moved from 3 May 2027 to 4 May 2027, 09:05."


def test_a_refusal_carries_its_key_template_and_parameters():
    refusal = Late(name="Ana", at=time(9, 30), on=date(2026, 12, 1))

    assert refusal.wording == Wording("test.late", Late.template, refusal.params)
    assert refusal.params == {"name": "Ana", "at": time(9, 30), "on": date(2026, 12, 1)}
    assert str(refusal) == refusal.sentence == "Ana came at 09:30 on 1 December 2026."


def test_braces_in_a_parameter_stay_as_they_are():
    assert Wording("test", "{name}", {"name": "{on}"}).sentence == "{on}"


def test_instants_are_told_without_their_zone_so_a_door_must_name_it():
    assert Wording("test", "{at}", {"at": datetime(2027, 1, 2, 3, 4, tzinfo=UTC)}).sentence == "2 January 2027, 03:04"
