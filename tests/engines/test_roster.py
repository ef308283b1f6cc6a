import time
from dataclasses import asdict, replace
from datetime import date, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cairn.engines.roster import (
    FIELDS,
    Alike,
    Change,
    ExistingPerson,
    RosterPerson,
    address_key,
    clean_text,
    column_letter,
    compare,
    find_header,
    normalise_header,
    read_people,
    template_columns,
)
from cairn.engines.roster.dates import read_date
from cairn.engines.roster.people import LONGEST_NAME
from cairn.engines.roster.values import read_address, read_name

TITLES = ("Name", "E-mail", "Department", "Institution", "Contract end", "Line manager")


def roster(*rows, titles=TITLES, **options):
    sheet = (titles, *rows)
    guess = find_header(sheet)
    return read_people(sheet, guess.row_index, guess.mapping, **options)


def person(**fields) -> RosterPerson:
    return replace(RosterPerson(row_number=2, name="Ada Ito", email="ada@example.org"), **fields)


def told(problems) -> list[tuple]:
    return [(problem.severity, problem.row, problem.column, problem.code) for problem in problems]


def as_existing(people) -> list[ExistingPerson]:
    return [
        ExistingPerson(
            key=one.row_number, **{name: value for name, value in asdict(one).items() if name != "row_number"}
        )
        for one in people
    ]


# --- the row of titles -----------------------------------------------------------------------------------------------


def test_titles_are_found_below_a_heading_in_any_order():
    guess = find_header(
        (
            ("Cohort 1: participants", None, None),
            (None, None, None),
            ("Contract\nend date", "E-MAIL (work)", "Full  name"),
            ("2027-01-31", "ada@example.org", "Ada Ito"),
        )
    )
    assert guess.row_index == 2
    assert guess.mapping == {0: "contract_ends_on", 1: "email", 2: "name"}
    assert guess.titles == {0: "Contract end date", 1: "E-MAIL (work)", 2: "Full name"}
    assert guess.confidence > 0.8


@pytest.mark.parametrize(
    ("titles", "fields"),
    [
        (("Vorname", "Nachname", "E-Mail-Adresse", "Fakultät"), ("first_name", "family_name", "email", "department")),
        (("Prénom", "Nom", "Courriel", "Établissement"), ("first_name", "family_name", "email", "institution")),
        (("Nom", "Adresse e-mail", "Date de fin"), ("name", "email", "contract_ends_on")),
        (("Nombre", "Apellidos", "Correo electrónico"), ("first_name", "family_name", "email")),
        (("Enw", "E-bost", "Adran", "Rheolwr llinell"), ("name", "email", "department", "line_manager")),
        (("氏名", "メールアドレス"), ("name", "email")),
        (("First Name", "Name", "Mail"), ("first_name", "family_name", "email")),
        (("Name", "Email", "Line Manager's E-Mail", "PI"), ("name", "email", "line_manager_email", "line_manager")),
        (("Participant e-mail", "Known as", "Name of participant"), ("email", "known_as", "name")),
        (("Name", "Email", "Email 2", "Job title"), ("name", "email", None, None)),
        (("Name", "Email", "Emergency contact name", "Notes"), ("name", "email", None, "notes")),
        (("Title", "Surname", "Forename(s)", "e.mail"), ("title", "family_name", "first_name", "email")),
    ],
)
def test_titles_in_several_languages(titles, fields):
    assert tuple(find_header((titles, tuple("x" for _ in titles))).mapping.values()) == fields


@pytest.mark.parametrize(
    "title",
    [
        *(
            "Gender",
            "Ethnicity",
            "Ethnic origin",
            "Disability?",
            "Nationality",
            "Religion or belief",
            "Date of birth",
            "DoB",
        ),
        *("Sexual orientation", "Geschlecht", "Staatsangehörigkeit", "Nationalité", "Género", "Anabledd", "Age group"),
    ],
)
def test_protected_attributes_are_recognised_and_never_taken(title):
    titles = ("Name", "E-mail", title)
    guess = find_header(
        (titles, ("Ada Ito", "ada@example.org", "x")), remembered={normalise_header(title): "department"}
    )
    assert guess.mapping[2] == "not_taken"
    read = read_people((titles, ("Ada Ito", "ada@example.org", "x")), 0, {0: "name", 1: "email", 2: "department"})
    assert read.people == (person(),)
    assert [(problem.code, problem.column, problem.severity) for problem in read.problems] == [
        ("not_taken", "C", "notice")
    ]
    assert "asks each person" in read.problems[0].sentence


def test_what_was_confirmed_before_wins_over_the_guess():
    sheet = (("Wer", "Name", "Mail"), ("Ada", "Physics", "ada@example.org"))
    guess = find_header(sheet, remembered={"wer": "name", "name": "department"})
    assert guess.mapping == {0: "name", 1: "department", 2: "email"}
    assert find_header(sheet, remembered={"name": None, "wer": "name"}).mapping == {0: "name", 1: None, 2: "email"}


def test_a_column_of_addresses_is_told_by_its_cells():
    guess = find_header((("Name", "Reach at"), ("Ada Ito", "ada@example.org"), ("Bo Li", "bo@example.org")))
    assert guess.mapping == {0: "name", 1: "email"}
    assert guess.certainty == {0: 1.0, 1: 0.6}


def test_a_sheet_without_titles_is_guessed_with_little_confidence():
    sheet = ((1, "Ada Ito", "ada@example.org"), (2, "Bo Li", "bo@example.org"))
    guess = find_header(sheet)
    assert (guess.row_index, guess.mapping, guess.confidence) == (None, {0: None, 1: "name", 2: "email"}, 0.2)
    assert [one.name for one in read_people(sheet, None, guess.mapping).people] == ["Ada Ito", "Bo Li"]


@pytest.mark.parametrize("sheet", [(), ((),), ((None, None),), (("lorem", 5, date(2027, 1, 1)),)])
def test_sheets_that_hold_no_people_are_no_trouble(sheet):
    guess = find_header(sheet)
    assert guess.row_index is None
    assert told(read_people(sheet, guess.row_index, guess.mapping).problems) == [
        ("stops", None, "", "no_name_column"),
        ("stops", None, "", "no_email_column"),
    ]


def test_the_template_is_understood():
    columns = template_columns()
    guess = find_header(((*(column.title for column in columns),),))
    assert list(guess.mapping.values()) == [column.field for column in columns]
    assert [column.field for column in columns if column.required] == ["name", "email"]
    assert {column.field for column in columns} <= {field.key for field in FIELDS}


# --- people ----------------------------------------------------------------------------------------------------------


def test_a_row_is_read_in_full():
    read = roster(
        (
            " Dr\u00a0Zoe\u0308  Ito\u200b",
            "mailto:Zoe@Example.ORG;",
            "Maths",
            "uni leeds",
            "31/01/2027",
            "Bo Li <bo@example.org>",
        ),
        known_institutions=["Uni Leeds", "York"],
    )
    assert read.problems == ()
    assert read.people == (
        RosterPerson(
            row_number=2,
            name="Zoë Ito",
            title="Dr",
            email="Zoe@example.org",
            department="Maths",
            institution="Uni Leeds",
            line_manager="Bo Li",
            line_manager_email="bo@example.org",
            contract_ends_on=date(2027, 1, 31),
        ),
    )


@pytest.mark.parametrize(
    ("text", "title", "name"),
    [
        ("Ada Ito", "", "Ada Ito"),
        ("Sukarno", "", "Sukarno"),
        ("Dr Ada Ito", "Dr", "Ada Ito"),
        ("Prof. Dr. med. Ada Ito", "Prof. Dr. med.", "Ada Ito"),
        ("Prof Dr Ada Ito", "Prof Dr", "Ada Ito"),
        ("Dr.-Ing. Max Groß", "Dr.-Ing.", "Max Groß"),
        ("Prof.Dr. Max Groß", "Prof. Dr.", "Max Groß"),
        ("Mx Sam Lee", "Mx", "Sam Lee"),
        ("Dr H. C. Weber", "Dr", "H. C. Weber"),
        ("Dr. h. c. Weber", "Dr. h. c.", "Weber"),
        ("M. Smith", "", "M. Smith"),
        ("Phil Jones", "", "Phil Jones"),
        ("Ing Chen", "", "Ing Chen"),
        ("Ing. Jan Novák", "Ing.", "Jan Novák"),
        ("Ito, Ada", "", "Ada Ito"),
        ("de la Cruz, María José", "", "María José de la Cruz"),
        ("Ito, Dr Ada", "Dr", "Ada Ito"),
        ("Ada Ito, PhD", "", "Ada Ito, PhD"),
        ("王, 小明", "", "王小明"),
        ("नरेन्द्र शर्मा", "", "नरेन्द्र शर्मा"),
        ("Ó Súilleabháin, Seán", "", "Seán Ó Súilleabháin"),
        ("Dr", "", "Dr"),
    ],
)
def test_names_and_titles(text, title, name):
    parts = read_name(text)
    assert (parts.title, parts.name) == (title, name)


def test_names_from_two_columns_and_a_name_to_be_called_by():
    titles = ("Surname", "First name", "Title", "Known as", "Email")
    read = roster(
        ("Ito", "Dr Ada", None, "Addie", "a@example.org"),
        (None, "Sukarno", "Mr", "Sukarno", "s@example.org"),
        ("王", "小明", None, None, "w@example.org"),
        titles=titles,
    )
    assert [(one.title, one.name, one.known_as) for one in read.people] == [
        ("Dr", "Ada Ito", "Addie"),
        ("Mr", "Sukarno", ""),
        ("", "王小明", ""),
    ]


@pytest.mark.parametrize(
    ("text", "email", "fault"),
    [
        ("Ada.Ito@Example.org", "Ada.Ito@example.org", None),
        ("Ada Ito <ada@example.org>", "ada@example.org", None),
        ("<ada@example.org>;", "ada@example.org", None),
        ("mailto:ada@example.org?subject=x", "ada@example.org", None),
        ("ada@example.org.", "ada@example.org", None),
        ("ada＠example.org", "ada@example.org", None),
        ("o'neil+x@cs.ox.ac.uk", "o'neil+x@cs.ox.ac.uk", None),
        ("jürgen@münchen.example", "jürgen@münchen.example", None),
        ("ada@example", "", "email_invalid"),
        ("ada.example.org", "", "email_invalid"),
        ("ada ito@example.org", "", "email_invalid"),
        ("ada@example..org", "", "email_invalid"),
        ("ada@-x.org", "", "email_invalid"),
        ("ada@10.0.0.1", "", "email_invalid"),
        ("ada@example.org, bo@example.org", "", "email_several"),
        ("ada@example.org / bo@example.org", "", "email_several"),
    ],
)
def test_addresses(text, email, fault):
    address = read_address(text)
    assert (address.email, address.fault) == (email, fault)


def test_addresses_are_compared_without_case_and_with_international_domains_but_ss_is_not_sharp_s():
    assert address_key("Ada@MÜNCHEN.example") == address_key("ada@xn--mnchen-3ya.example")
    assert address_key("strasse@example.org") != address_key("straße@example.org")


@pytest.mark.parametrize(
    "value",
    [
        *(
            "31/01/2027",
            "31.1.27",
            "31-01-2027",
            "2027-01-31",
            "2027/1/31",
            "31 January 2027",
            "31st Jan 27",
            "Jan 31, 2027",
        ),
        *("31-Jan-27", "Sunday 31 January 2027", "31. Januar 2027", "31 janvier 2027", "31 de enero de 2027"),
        *(
            "31 Ionawr 2027",
            "2027-01-31T00:00:00",
            "31/01/2027 00:00",
            "٣١/٠١/٢٠٢٧",
            "20270131",
            20270131,
            "46418",
            46418,
        ),
        *(46418.0, date(2027, 1, 31), datetime(2027, 1, 31, 9, 30)),
    ],
)
def test_dates_in_many_forms(value):
    read = read_date(value)
    assert (read.day, read.fault, read.notice) == (date(2027, 1, 31), None, None)


@pytest.mark.parametrize(
    ("value", "order", "day", "fault", "notice"),
    [
        ("03/04/2027", "dmy", date(2027, 4, 3), None, "date_ambiguous"),
        ("03/04/2027", "mdy", date(2027, 3, 4), None, "date_ambiguous"),
        ("04/04/2027", "dmy", date(2027, 4, 4), None, None),
        ("3.4.2027", "mdy", date(2027, 4, 3), None, None),
        ("01/31/2027", "dmy", date(2027, 1, 31), None, "date_other_order"),
        ("31/01/2027", "mdy", date(2027, 1, 31), None, "date_other_order"),
        ("31/02/2027", "dmy", None, "date_impossible", None),
        ("31/13/2027", "dmy", None, "date_impossible", None),
        ("30 February 2027", "dmy", None, "date_impossible", None),
        ("January 2027", "dmy", None, "date_no_day", None),
        (2027, "dmy", None, "date_no_day", None),
        ("soon", "dmy", None, "date_unknown", None),
        (True, "dmy", None, "date_unknown", None),
        (1e300, "dmy", None, "date_unknown", None),
        (float("nan"), "dmy", None, "date_unknown", None),
        ("permanent", "dmy", None, None, None),
        ("n/a", "dmy", None, None, None),
        ("TBC", "dmy", None, None, "date_left_open"),
    ],
)
def test_dates_in_doubt(value, order, day, fault, notice):
    read = read_date(value, order=order)
    assert (read.day, read.fault, read.notice) == (day, fault, notice)


# --- problems --------------------------------------------------------------------------------------------------------


def test_every_problem_names_its_row_and_column():
    read = roster(
        ("Ada Ito", "ada@example.org", None, None, "03/04/2027", None),
        (None, "bo@example.org", None, None, None, None),
        ("Cy Day", None, None, None, "31/02/2027", None),
        ("Di Fox", "di@", None, "Leads", None, None),
        ("e@example.org", "e@example.org", None, "Rome", None, "boss@"),
        ("F" * (LONGEST_NAME + 1), "f@example.org", "x" * 201, None, "tbc", None),
        known_institutions=["Leeds", "York"],
        sheet="People",
    )
    assert [one.name for one in read.people] == ["Ada Ito"]
    assert told(read.problems) == [
        ("notice", 2, "E", "date_ambiguous"),
        ("stops", 3, "A", "name_missing"),
        ("stops", 4, "B", "email_missing"),
        ("stops", 4, "E", "date_impossible"),
        ("stops", 5, "B", "email_invalid"),
        ("stops", 5, "D", "institution_similar"),
        ("stops", 6, "A", "name_is_address"),
        ("stops", 6, "D", "institution_unknown"),
        ("stops", 7, "A", "name_too_long"),
        ("notice", 7, "E", "date_left_open"),
        ("stops", 7, "C", "text_too_long"),
        ("notice", 7, "D", "institution_blank_one"),
    ]
    sentences = [problem.sentence for problem in read.problems]
    assert (
        sentences[0] == "“03/04/2027” was read as 3 April 2027. Check that day and month are not the other way round."
    )
    assert sentences[5] == (
        "“Leads” is not an institution of this programme. Is “Leeds” meant? Known are: Leeds, York."
    )
    assert {problem.sheet for problem in read.problems} == {"People"}


def test_two_people_with_one_address_stop_and_both_rows_are_named():
    read = roster(("Ada Ito", "ada@example.org"), ("Bo Li", "ADA@example.org"))
    assert told(read.problems) == [("stops", 3, "B", "email_shared")]
    assert read.problems[0].sentence.startswith(
        "Rows 2 (Ada Ito) and 3 (Bo Li) have the same address, ADA@example.org."
    )
    assert read.stops


def test_the_same_person_twice_is_one_with_a_notice():
    read = roster(
        ("Zoë Ito", "ada@example.org", "Maths"),
        ("Ito, Zoe", "Ada@example.org", "Maths"),
        ("Zoë Ito", "ada@example.org", "Physics"),
    )
    assert [(one.row_number, one.department) for one in read.people] == [(2, "Maths")]
    assert told(read.problems) == [("notice", 3, "B", "same_person_differs"), ("notice", 4, "B", "same_person_differs")]
    again = roster(("Ada Ito", "ada@example.org"), ("Ada Ito", "ada@example.org"))
    assert told(again.problems) == [("notice", 3, "B", "same_person")]


def test_empty_rows_totals_and_repeated_titles_are_skipped_with_a_notice():
    read = roster(
        ("Ada Ito", "ada@example.org"),
        (None, None),
        ("", " \u00a0"),
        TITLES,
        ("Bo Li", "bo@example.org"),
        (None, None),
        ("Total: 2", None),
        (None, None),
    )
    assert [one.row_number for one in read.people] == [2, 6]
    assert told(read.problems) == [
        ("notice", 3, "", "empty_rows"),
        ("notice", 5, "", "header_again"),
        ("notice", 7, "", "empty_row"),
        ("notice", 8, "", "total_row"),
    ]
    assert read.problems[0].sentence == "Rows 3 to 4 are empty and were skipped."


def test_a_numbered_row_without_a_person_counts_as_empty():
    read = roster(
        (1, "Ada Ito", "a@example.org"), (2, None, None), (3, "Bo", "b@example.org"), titles=("No", "Name", "Email")
    )
    assert [one.row_number for one in read.people] == [2, 4]


def test_merged_institutions_are_asked_about_and_never_assumed():
    read = roster(
        ("Ada Ito", "a@example.org", None, "Leeds"),
        ("Bo Li", "b@example.org"),
        ("Cy Day", "c@example.org"),
        ("Di Fox", "d@example.org", None, "York"),
        ("Ed Gold", "e@example.org", None, ""),
        known_institutions=["Leeds", "York"],
    )
    assert [one.institution for one in read.people] == ["Leeds", "", "", "York", ""]
    assert told(read.problems) == [("notice", 3, "D", "institution_blank"), ("notice", 6, "D", "institution_blank_one")]
    assert read.problems[0].params == {"row": 3, "last_row": 4}


def test_a_sheet_with_titles_and_nobody_stops():
    assert told(roster().problems) == [("stops", None, "", "nobody")]


def test_a_contract_that_ends_before_it_starts_is_noticed():
    read = roster(
        ("Ada Ito", "a@example.org", "2027-02-01", "2027-01-31"), titles=("Name", "Email", "Start date", "End date")
    )
    assert told(read.problems) == [("notice", 2, "D", "ends_before_start")]


def test_error_values_count_as_empty():
    read = roster(("Ada Ito", "a@example.org", "#N/A", "#REF!", "#VALUE!", "#NAME?"), ("#N/A", "#N/A"))
    assert read.people == (person(email="a@example.org"),)
    assert told(read.problems)[:2] == [("stops", 3, "A", "name_missing"), ("stops", 3, "B", "email_missing")]


# --- comparing -------------------------------------------------------------------------------------------------------


def test_what_an_import_would_do():
    people = [
        person(row_number=2, department="Physics", contract_ends_on=date(2027, 1, 31)),
        person(row_number=3, name="Bo Li", email="BO@example.org"),
        person(row_number=4, name="Cy Day", email="cy@example.org"),
    ]
    existing = [
        ExistingPerson(key=10, email="Ada@Example.org", name="Ada Ito", department="Maths", discipline="Logic"),
        ExistingPerson(key=11, email="bo@example.org", name="Bo Li"),
        ExistingPerson(key=12, email="cyd@example.org", name="cy day"),
    ]
    changes = compare(people, existing)
    assert changes.create == (people[2],)
    assert changes.change == (
        Change(10, 2, "department", "Maths", "Physics"),
        Change(10, 2, "contract_ends_on", None, date(2027, 1, 31)),
    )
    assert (changes.same, changes.untouched, changes.alike) == ((11,), (12,), (Alike(4, 12),))


def test_facts_the_caller_does_not_keep_are_not_compared():
    existing = [ExistingPerson(key=10, email="ada@example.org", name="Ada Ito")]
    assert compare([person(title="Dr", department="Maths")], existing, compared={"name"}).same == (10,)


WORDS = st.text(max_size=25)
DATES = st.one_of(st.none(), st.dates(date(2000, 1, 1), date(2090, 1, 1)), WORDS, st.integers(), st.floats())
ROWS = st.lists(
    st.tuples(
        st.one_of(WORDS, st.sampled_from(["Ada Ito", "Ito, Ada", "Dr Bo", "Zoe\u0308"])),
        st.one_of(
            WORDS, st.emails(), st.sampled_from(["ada@example.org", "Bo <bo@example.org>", "ZOE@münchen.example"])
        ),
        WORDS,
        st.sampled_from(["", "Leeds", "leeds ", "Rome"]),
        DATES,
        WORDS,
    ),
    max_size=8,
)


@settings(max_examples=80, deadline=None)
@given(ROWS)
@example([("Dr Zoe\u0308 Ito", "Zoe <zoe@example.org>", "a\u00a0b", "leeds", "3/4/27", "b@example.org")])
def test_importing_the_same_file_again_changes_nothing(rows):
    people = roster(*rows, known_institutions=["Leeds"]).people
    assert compare(people, []).create == people
    again = compare(people, as_existing(people))
    assert (again.create, again.change, again.untouched) == ((), (), ())
    assert len(again.same) == len(people) == len({address_key(one.email) for one in people})


@settings(max_examples=80, deadline=None)
@given(ROWS)
def test_any_rows_give_people_or_problems_and_every_problem_a_sentence(rows):
    read = roster(*rows)
    assert read.people or read.stops
    assert all(problem.sentence for problem in read.problems)
    assert all(one.name and one.email and one.name == clean_text(one.name) for one in read.people)


@settings(max_examples=60, deadline=None)
@given(st.text())
def test_cleaning_twice_is_cleaning_once(text):
    assert clean_text(clean_text(text)) == clean_text(text)


def test_joiners_stay_where_they_are_spelling():
    assert clean_text("می\u200cخواهم\u200d") == "می\u200cخواهم"
    assert clean_text("A\u200dda\u200b") == "Ada"


def test_column_letters():
    assert [column_letter(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_ten_thousand_rows_take_less_than_two_seconds():
    rows = [
        (
            f"Dr Zoë Ito {i}",
            f"zoe.{i}@example.org",
            "Maths",
            "Leeds" if i % 2 else "Leads",
            "31 January 2027",
            "Bo <b@x.org>",
        )
        for i in range(10_000)
    ]
    started = time.process_time()
    people = roster(*rows, known_institutions=["Leeds", "York"]).people
    compare(people, as_existing(people))
    assert time.process_time() - started < 2
    assert len(people) == 5_000
