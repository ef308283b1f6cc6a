"""Every component as a page gets it, and no inline style or script in any template."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django import forms
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory

import cairn.web
from cairn.web import styleguide
from cairn.web.templatetags import _amounts, _marks, _meters

WEB = Path(cairn.web.__file__).parent
# A mail is no page of ours: it brings its few rules of style along, for no mail program fetches any.
TEMPLATES = sorted(set((WEB / "templates").rglob("*.html")) - {WEB / "templates/mail/layout.html"})
INLINE = re.compile(r"""\sstyle\s*=|\son[a-z]+\s*=|hx-on|<style\b|<script(?![^>]*\bsrc=)|javascript:""", re.IGNORECASE)


def draw(source: str, **context: object) -> str:
    """Render a line of template with the components loaded."""
    return Template("{% load i18n cairn %}" + source).render(Context(context))


class Booking(forms.Form):
    email = forms.EmailField(label="E-mail address", help_text="Where invitations go.")
    on = forms.DateField(label="Day", required=False)
    at = forms.DateTimeField(label="Start", required=False)
    mode = forms.ChoiceField(label="Mode", choices=[("a", "Online"), ("b", "In person")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="Agreed")


# --- nothing inline -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_a_template_holds_no_inline_style_or_script(path: Path) -> None:
    assert INLINE.findall(path.read_text()) == []


def test_what_tags_draw_holds_no_inline_style_or_script() -> None:
    request = RequestFactory().get("/styleguide/")
    page = draw("{% include 'styleguide.html' %}", request=request, shell={}, **styleguide.samples())

    assert INLINE.findall(page) == []


def test_every_icon_asked_for_is_in_the_sprite() -> None:
    asked = {name for path in TEMPLATES for name in re.findall(r"""\{% icon ["'](\w+)["']""", path.read_text())} | {
        image for _value, image, _word in _marks.marks()
    }

    assert asked - set(styleguide.icon_names()) == set()


# --- marks --------------------------------------------------------------------------------------------------------


def test_an_icon_beside_a_word_is_silent_and_one_alone_is_named() -> None:
    assert 'aria-hidden="true"' in draw("{% icon 'check' %}")
    assert 'role="img" aria-label="locked"' in draw("{% icon 'lock' 'locked' %}")


def test_a_name_cannot_become_markup() -> None:
    assert draw("{% bdi name %}", name="<b>Li") == "<bdi>&lt;b&gt;Li</bdi>"


def test_a_tag_refuses_a_state_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="state"):
        draw("{% tag 'urgent' 'now' %}")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("'only_you'", "Only you"),
        ("'shared' 'Ioana' until", "You and <bdi>Ioana</bdi> until 3 May 2027"),
        ("'shared'", "You and your coach"),
        ("'programme'", "You and the people who run the programme"),
        ("'statistics'", "Programme statistics, never shown with your name"),
    ],
)
def test_the_privacy_chip_says_who_can_read(call: str, words: str) -> None:
    drawn = draw(f"{{% privacy_chip {call} %}}", until=date(2027, 5, 3))

    assert re.search(r"<span>(.*)</span></span>", drawn).group(1) == words


def test_attendance_is_four_radios_with_one_chosen() -> None:
    drawn = draw("{% attendance_marks 'm-1' 'late_cancelled' 'Attendance of Li' %}")

    assert re.findall(r'value="(\w+)"( checked)?', drawn) == [
        ("attended", ""),
        ("excused", ""),
        ("late_cancelled", " checked"),
        ("missed", ""),
    ]
    assert '<legend class="unseen">Attendance of Li</legend>' in drawn


# --- amounts and moments ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, ""),
        (0, "0 min"),
        (90, "90 min"),
        (120, "2 h"),
        (210, "3 h 30 min"),
        (-30, "−30 min"),
        (-150, "−2 h 30 min"),
    ],
)
def test_minutes_are_said_as_people_say_them(value: int | None, words: str) -> None:
    assert _amounts.minutes(value) == words


@pytest.mark.parametrize(
    ("value", "words"), [(18630, "310.5 h"), (12600, "210 h"), (45, "0.75 h"), (0, "0 h"), (600, "10 h")]
)
def test_minutes_as_hours_keep_what_matters(value: int, words: str) -> None:
    assert _amounts.hours(value) == words


def test_money_is_written_by_the_engine() -> None:
    from cairn.engines import invoicing

    assert draw("{{ 123456|money:'GBP' }}") == invoicing.format_money(123456, "GBP")


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split()).replace(" ,", ",")


def session(hour: int, zone: str = "Europe/London", day: int = 3) -> dict[str, object]:
    starts = datetime(2027, 3, day, hour, tzinfo=UTC)
    return {"starts_at": starts, "ends_at": starts.replace(minute=45), "zone": zone}


def test_a_date_time_always_comes_with_its_zone() -> None:
    assert plain(_amounts.when(session(14))) == "Wednesday 3 March 2027, 14:00 to 14:45 London time, GMT"
    assert plain(_amounts.when(session(14), form="table")) == "Wed 3 Mar, 14:00 to 14:45 GMT"
    assert plain(_amounts.when(session(14, "Asia/Tbilisi"), form="time")) == "18:00 to 18:45 UTC+04:00"


def test_a_reader_elsewhere_sees_their_own_clock_beside_it() -> None:
    assert plain(_amounts.when(session(14), "Asia/Tbilisi")).endswith("your 18:00 in Tbilisi")
    assert plain(_amounts.when(session(14), "Pacific/Auckland")).endswith("your Thu 4 Mar, 03:00 in Auckland")
    assert "your" not in plain(_amounts.when(session(14), "Europe/Lisbon"))
    first = plain(_amounts.when(session(14), "Pacific/Auckland", own_first=True))
    assert first.startswith("Thursday 4 March 2027, 03:00") and first.endswith("Wed 3 Mar, 14:00 in London")


def test_the_zone_is_that_of_the_day_not_of_today() -> None:
    summer = {"starts_at": datetime(2027, 7, 1, 9, tzinfo=UTC), "ends_at": None, "zone": "Europe/London"}

    assert plain(_amounts.when(summer)) == "Thursday 1 July 2027, 10:00 London time, BST"


def test_a_session_without_a_date_says_so() -> None:
    assert plain(_amounts.when({"starts_at": None})) == "no date yet"


# --- meters -------------------------------------------------------------------------------------------------------


def test_a_meter_is_counted_in_minutes() -> None:
    drawn = draw("{% minutes_cell account %}", account={"promised": 900, "used": 630, "booked": 90})

    assert re.findall(r'class="(\w+)" x="(\d+)" y="\d+" width="(\d+)"', drawn) == [
        ("ground", "0", "900"),
        ("done", "0", "630"),
        ("booked", "630", "90"),
    ]
    assert 'aria-label="630 delivered, 90 booked, 180 left of 900 minutes"' in drawn


def test_a_meter_shows_what_was_released_and_what_is_over() -> None:
    assert _meters.spoken(
        _meters.account_of({"promised": 210, "used": 90, "booked": 0, "released": 75}), "minutes"
    ) == ("90 delivered, 0 booked, 75 released, 45 left of 210 minutes")
    assert _meters.spoken(_meters.account_of({"promised": 210, "used": 180, "booked": 60}), "minutes") == (
        "180 delivered, 60 booked, 30 more than promised of 210 minutes"
    )


def test_an_empty_account_still_draws() -> None:
    assert 'viewBox="0 0 1 10"' in draw("{% minutes_bar account %}", account={})


def test_a_meter_in_words_names_its_kind() -> None:
    drawn = plain(draw("{% minutes_meter a %}", a={"promised": 210, "used": 90, "booked": 45, "kind": "one_to_one"}))

    assert drawn == "One-to-one 75 min of 3 h 30 min left 90 min delivered, 45 min booked"


def test_the_mix_of_a_small_group_is_drawn_to_the_person_and_of_a_large_one_in_proportion() -> None:
    assert _meters.shares([6, 3, 2]) == [6, 3, 2]
    assert _meters.shares([60, 30, 1]) == [16, 8, 1]


def test_a_protected_attribute_is_never_counted() -> None:
    rows = [{"label": "Gender", "protected": True, "words": "", "cells": [("women", 1), ("men", 10)]}]

    assert plain(draw("{% mix_strip rows %}", rows=rows)) == "Gender not shown for this group"


def test_progress_says_how_far() -> None:
    assert plain(draw("{% progress 3 4 'Rows read' %}")) == "Rows read 3 of 4 75 %"


def test_a_stepper_says_where_i_am() -> None:
    steps = [
        {"label": "Programme", "state": "done", "url": "/p/"},
        {"label": "Cohort", "state": "now", "url": "/c/"},
        {"label": "Agreement", "state": "next"},
    ]
    drawn = draw("{% stepper steps %}", steps=steps)

    assert re.findall(r'href="([^"]+)"', drawn) == ["/p/"]
    assert plain(drawn) == "Programme (done) Cohort (you are here) Agreement (to come)"


# --- forms --------------------------------------------------------------------------------------------------------


def test_a_field_ties_label_help_and_error_together() -> None:
    drawn = draw("{% field form.email %}", form=Booking({"email": "halina@"}))

    assert 'for="id_email"' in drawn
    assert 'aria-invalid="true"' in drawn
    described = re.search(r'<input[^>]*aria-describedby="([^"]+)"', drawn).group(1).split()
    assert described == ["id_email_helptext", "id_email_error"]
    assert [name for name in described if f'id="{name}"' in drawn] == described
    assert 'value="halina@"' in drawn


def test_dates_are_typed_into_native_controls_and_kept() -> None:
    form = Booking(initial={"on": date(2027, 3, 3), "at": datetime(2027, 3, 3, 14, 0)})

    assert 'type="date" name="on" value="2027-03-03"' in draw("{% field form.on %}", form=form)
    drawn = draw("{% field form.at suffix='London time' %}", form=form)
    assert 'type="datetime-local" name="at" value="2027-03-03T14:00"' in drawn
    assert "<span>London time</span>" in drawn


def test_choices_are_a_fieldset_and_one_box_a_label() -> None:
    form = Booking({})

    choices = draw("{% field form.mode %}", form=form)
    assert 'aria-describedby="id_mode_error"' in choices
    assert re.findall(r'<label class="choice" for="(\w+)"', choices) == ["id_mode_0", "id_mode_1"]
    assert '<label class="choice" for="id_agreed">' in draw("{% field form.agreed %}", form=form)


def test_errors_are_summed_up_with_links_to_their_fields() -> None:
    drawn = draw("{% error_summary form %}", form=Booking({"email": "halina@", "agreed": "on"}))

    assert re.findall(r'<a href="#(\w+)">', drawn) == ["id_email", "id_mode_0"]
    assert "2 things to put right" in drawn


def test_a_form_without_errors_has_no_summary() -> None:
    assert draw("{% error_summary form %}", form=Booking()).strip() == ""


# --- lists --------------------------------------------------------------------------------------------------------


def test_a_sorted_head_keeps_the_filter_and_turns_round() -> None:
    request = RequestFactory().get("/people/?group=2&sort=name&page=3")

    drawn = draw("{% sort_header 'name' 'Name' %}{% sort_header 'coach' 'Coach' number=True %}", request=request)

    assert drawn == (
        '<th scope="col" aria-sort="ascending"><a href="?group=2&amp;sort=-name">Name</a></th>'
        '<th scope="col" class="num"><a href="?group=2&amp;sort=coach">Coach</a></th>'
    )


def test_a_pager_says_which_rows_and_links_to_the_next() -> None:
    request = RequestFactory().get("/people/?group=2")

    drawn = draw("{% pager page %}", page=Paginator(range(310), 25).page(2), request=request)

    assert plain(drawn) == "26 to 50 of 310 Before Next"
    assert re.findall(r'href="(\?[^"]+)"', drawn) == ["?group=2&amp;page=1", "?group=2&amp;page=3"]


def test_a_tick_names_its_row() -> None:
    assert draw("{% pick 7 name form='bulk' %}", name="<Li>") == (
        '<td class="tick"><label><input type="checkbox" name="chosen" value="7" form="bulk">'
        '<span class="unseen">Choose &lt;Li&gt;</span></label></td>'
    )


def test_tabs_mark_the_current_one() -> None:
    items = [{"url": "/a/", "label": "People", "count": 0, "current": True}, {"url": "/b/", "label": "Groups"}]

    drawn = draw("{% tabs items label='Cohort' %}", items=items)

    assert re.findall(r'href="([^"]+)"( aria-current="page")?', drawn) == [("/a/", ' aria-current="page"'), ("/b/", "")]
    assert plain(drawn) == "People 0 Groups"


# --- messages, dialogs, notices -----------------------------------------------------------------------------------


def test_a_success_becomes_a_toast_that_can_be_undone_and_an_error_a_notice() -> None:
    messages = [
        Message(constants.SUCCESS, "Moved to group 2.", extra_tags="undo:/moves/4/undo/"),
        Message(constants.ERROR, "That seat was just taken."),
    ]

    drawn = draw("{% page_messages %}", messages=messages, csrf_token="t")

    assert '<form method="post" action="/moves/4/undo/">' in drawn
    assert plain(drawn) == "That seat was just taken. Moved to group 2. Undo"
    assert 'class="notice notice--wrong"' in drawn


@pytest.mark.parametrize("address", ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example/"])
def test_an_undo_cannot_lead_away_from_here(address: str) -> None:
    messages = [Message(constants.SUCCESS, "Done.", extra_tags=f"undo:{address}")]

    assert "<form" not in draw("{% page_messages %}", messages=messages)


def test_a_dialog_is_native_and_named() -> None:
    drawn = draw("{% dialog 'move' 'Move Li' opened=True %}<p>Where to?</p>{% enddialog %}")

    assert '<dialog class="dialog" id="move" aria-labelledby="move-title" open data-open>' in drawn
    assert '<h2 id="move-title">Move Li</h2>' in drawn


def test_block_tags_wrap_what_they_are_given() -> None:
    assert plain(draw("{% notice 'needs' 'Look' %}<p>Twice.</p>{% endnotice %}")) == "Look Twice."
    assert plain(draw("{% menu 'Move Li' %}<button>to group 2</button>{% endmenu %}")) == "Move Li to group 2"
    assert 'tabindex="0" role="region" aria-label="People"' in draw("{% scroller 'People' %}{% endscroller %}")
    assert "chosen" in plain(draw("{% bulk_bar 'bulk' %}{% endbulk_bar %}"))


def test_an_empty_page_says_what_to_do() -> None:
    drawn = plain(draw("{% empty_state 'Nobody here yet' 'Bring a spreadsheet.' '/import/' 'Import people' %}"))

    assert drawn == "Nobody here yet Bring a spreadsheet. Import people"


# --- pages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "429", "500"])
def test_an_error_page_needs_nothing_but_itself(name: str) -> None:
    drawn = Template("{% include name %}").render(Context({"name": f"{name}.html"}))

    assert drawn.count("<h1>") == 1


def test_an_error_page_survives_a_missing_manifest(settings) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }

    assert _marks.asset("cairn/cairn.css") == f"{settings.STATIC_URL}cairn/cairn.css"
