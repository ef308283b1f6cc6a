import io
import zipfile

import docx
import pytest

from cairn.foundation import writings

BOMB = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>
<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>"""
OUTSIDE = BOMB.replace('<!ENTITY a "ha">', '<!ENTITY a SYSTEM "file:///etc/passwd">')


def packed(**parts):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return made.getvalue()


def word(*paragraphs):
    document = docx.Document()
    for style, text in paragraphs:
        document.add_paragraph(text, style=style)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def only(name, data):
    [found] = writings.read([(name, data)])
    return found.content if found.problem is None else found.problem.key.removeprefix("writings.")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("naïve “text”".encode(), "naïve “text”"),
        ("\ufeffwith a mark".encode(), "with a mark"),
        ("wide".encode("utf-16"), "wide"),
        ("caf\xe9".encode("cp1252"), "café"),
        (b"\x00\x01binary\x00", "not_a_text"),
        (b"x" * 5_000_001, "too_big"),
    ],
)
def test_texts_are_read_in_the_encodings_that_people_have(data, text):
    assert only("a.TXT", data) == text


def test_a_word_document_becomes_paragraphs():
    data = word(
        ("Heading 1", "A day"),
        ("Normal", "First paragraph."),
        ("List Bullet", "one"),
        ("List Bullet", "two"),
        ("Normal", ""),
        ("Normal", "Last <paragraph> & 今日."),
    )
    assert only("day.docx", data) == "# A day\n\nFirst paragraph.\n\n- one\n- two\n\nLast <paragraph> & 今日."
    assert writings.read([("day.docx", data)])[0].given is not None


@pytest.mark.parametrize("content", [BOMB, OUTSIDE, "<w:document", "", "<a/>" * 2])
def test_a_hostile_or_broken_document_is_refused(content):
    assert only("x.docx", packed(word__document_dot_xml=content)) == "damaged"


@pytest.mark.parametrize("name", ["x.docx", "x.zip"])
def test_what_only_says_it_is_an_archive_is_refused(name):
    assert only(name, b"PK\x03\x04 and then nothing of the kind") == "damaged"


def test_an_archive_that_would_grow_too_large_is_left_unopened():
    huge = packed(**{f"{number}_dot_txt": b"0" * 4_900_000 for number in range(11)})
    assert len(huge) < 100_000
    with pytest.raises(writings.Unreadable) as refused:
        writings.read([("x.zip", huge)])
    assert refused.value.reason == "too_much"


def test_a_document_that_would_grow_too_large_is_refused():
    assert only("x.docx", packed(word__document_dot_xml=b" " * 50_000_001)) == "too_big"


def test_documents_do_not_grow_too_large_together():
    text = b"<w:document xmlns:w='w'><w:p><w:r><w:t>" + b"a" * 10_000_000 + b"</w:t></w:r></w:p></w:document>"
    bomb = packed(word__document_dot_xml=text)
    archive = packed(**{f"{number}_dot_docx": bomb for number in range(4)})
    found = writings.read([*((f"{number}.docx", bomb) for number in range(3)), ("x.zip", archive)])
    assert [each.problem and each.problem.key for each in found] == [None] * 4 + ["writings.too_much"] * 3


def test_an_archive_that_lies_about_its_sizes_is_damaged():
    data = bytearray(packed(a_dot_txt=b"0" * 1_000_000))
    true = (1_000_000).to_bytes(4, "little")
    at = data.find(true)
    while at >= 0:
        data[at : at + 4] = (10).to_bytes(4, "little")
        at = data.find(true)
    assert only("x.zip", bytes(data)) == "damaged"


def test_too_many_files_are_refused_as_a_whole():
    with pytest.raises(writings.Unreadable) as refused:
        writings.read([("x.zip", packed(**{f"{number}_dot_txt": b"x" for number in range(501)}))])
    assert refused.value.sentence == "There are more than 500 files in it. Bring them in a few hundred at a time."


def test_one_bad_file_does_not_keep_the_others_out():
    parts = {"good.md": "Good.", "bad.pdf": b"%PDF", ".hidden": "x", "inner.zip": packed(a_dot_md="x")}
    found = writings.read([("x.zip", packed(**parts))])
    assert {each.name: each.problem and each.problem.key for each in found} == {
        "good.md": None,
        "bad.pdf": "writings.not_a_text",
        "inner.zip": "writings.not_a_text",
    }


def test_every_sentence_can_be_said():
    for reason in writings.REASONS:
        assert writings.Unreadable(reason, limit=5).sentence
