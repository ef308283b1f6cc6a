import pytest

pytestmark = pytest.mark.usefixtures("now")


def test_the_zone_of_quiet_hours_is_named_as_elsewhere(world, page):
    world.thandiwe.time_zone = "Pacific/Auckland"
    world.thandiwe.save(update_fields=["time_zone"])

    text = page(world.thandiwe, "/me/reminders/")[1]

    assert text.count("Auckland time") >= 2
    assert "Pacific/Auckland" not in text


def test_details_say_what_the_zone_does(world, page):
    assert "A session agreed in another zone shows its own time with yours" in page(world.thandiwe, "/me/details/")[1]
