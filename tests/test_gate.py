"""What every door does before and after its view: verbs that carry no token, caches, search engines."""

import pytest

pytestmark = pytest.mark.django_db


def test_head_asks_as_get_does_and_writes_nothing(client, world):
    client.force_login(world.thandiwe)
    assert (client.head("/sharing/").status_code, client.head("/sharing/withdraw/1/").status_code) == (200, 405)


def test_options_tells_the_verbs_and_runs_no_view(client, world):
    client.force_login(world.thandiwe)
    answered = client.options("/sharing/withdraw/1/")
    assert (answered.status_code, answered["Allow"]) == (204, "POST, OPTIONS")
    assert client.options("/sharing/")["Allow"] == "GET, HEAD, OPTIONS"
    assert client.options("/no-such-page/").status_code == 404


def test_pages_of_a_person_are_kept_by_no_cache_and_listed_nowhere(client, world):
    client.force_login(world.thandiwe)
    for url in ("/journal/", "/who-sees-what/"):
        page = client.get(url)
        assert (page["Cache-Control"], page["X-Robots-Tag"]) == ("private, no-store", "noindex, nofollow")


def test_an_address_with_a_secret_is_listed_nowhere_and_what_is_everybodys_may_be(client):
    assert client.get("/beside/invitation/not-a-secret/")["X-Robots-Tag"] == "noindex, nofollow"
    page = client.get("/who-sees-what/")
    assert ("X-Robots-Tag" in page, "Cache-Control" in page) == (False, False)


@pytest.mark.parametrize(
    "url", ["/sharing/as/{}/", "/sharing/as/{}/entry/1/", "/beside/{}/", "/journal/{}/", "/goals/{}/"]
)
def test_a_number_larger_than_any_id_is_not_found(client, world, url):
    client.force_login(world.thandiwe)
    assert [client.get(url.format(number)).status_code for number in (2**63 - 1, 2**63, 10**30)] == [404, 404, 404]
