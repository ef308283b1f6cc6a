"""A journey.json that no Cairn wrote."""

import json

import pytest

from cairn.engines import carrying

RUN = {
    "name": "6f1b4f0e-59a4-4a5c-9b59-1f7a3b6c2d10",
    "exercise": "wheel",
    "exercise_version": 1,
    "state": "begun",
    "begun_at": "2027-03-03T09:00:00+00:00",
    "saved_at": "2027-03-03T09:00:00+00:00",
    "values": "HERE",
}


@pytest.mark.parametrize("deep", [300, 600, 900, 100_000])
def test_lists_within_lists_without_end_are_refused(deep):
    whole = json.dumps({"format": carrying.FORMAT, "version": 1, "exercises": [RUN]})
    nested = whole.replace('"HERE"', '{"a": ' + "[" * deep + "]" * deep + "}")
    with pytest.raises(carrying.NotAJourney):
        carrying.read(nested.encode())
