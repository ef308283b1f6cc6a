"""Reading one cell: clean text, names, e-mail addresses."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Literal

# A zero-width joiner is part of the spelling in scripts from Arabic to Sinhala, and litter everywhere else.
LITTER = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff]"
    "|(?<![\u0600-\u0dff])[\u200c\u200d]|[\u200c\u200d](?![\u0600-\u0dff])"
)
CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
CJK_WORD = re.compile("[\u2e80-\u2fdf\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+\\Z")

TITLES = frozenset(
    {"dr", "prof", "professor", "professorin", "mr", "mrs", "ms", "miss", "mx", "sir", "dame", "lord", "lady", "rev"}
    | {"revd", "reverend", "herr", "frau", "mme", "mlle", "mgr", "sra", "srta", "dra", "drs", "señor", "señora"}
    | {"monsieur", "madame", "professeur", "doctor", "docteur", "doktor", "profesor", "profesora", "dr-ing", "athro"}
)
# These are names too, so they count as titles only with a full stop: Ing. Novák, but Ing Chen.
DOTTED_TITLES = frozenset(
    {"sr", "hon", "ing", "ir", "mag", "pd", "priv-doz", "doc", "dipl-ing", "univ-prof", "assoc", "asst", "em"}
)
# These follow a title only, in small letters: Dr. rer. nat., Dr. h. c., but Dr H. C. Weber.
TITLE_ENDINGS = frozenset(
    {"rer", "nat", "med", "phil", "jur", "pol", "oec", "habil", "h", "c", "hc", "vet", "dent", "mult"}
)
GLUED_TITLE = re.compile(r"^((?:prof|dr|mr|mrs|ms)\.)(?=[^\W\d_])", re.IGNORECASE)
AFTER_NAMES = frozenset(
    {
        "phd",
        "dphil",
        "md",
        "msc",
        "bsc",
        "ma",
        "ba",
        "mba",
        "mres",
        "mphil",
        "frs",
        "frse",
        "frsc",
        "fba",
        "fhea",
        "sfhea",
    }
    | {"obe", "mbe", "cbe", "jr", "sr", "ii", "iii", "iv", "esq", "dsc", "llm", "llb", "edd", "rn", "pgce", "cpsychol"}
)

ADDRESS_IN_BRACKETS = re.compile(r"<\s*([^<>]*@[^<>]*)>")
LOCAL = re.compile(r"[^\s@\"(),:;<>\[\]\\]{1,64}\Z")
LABEL = re.compile(r"(?!-)[\w-]{1,63}(?<!-)\Z")


def column_letter(index: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    letters, number = "", index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def clean_text(value: object) -> str:
    """A cell as one line of text in NFC, without invisible characters and doubled spaces; None is empty."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value)
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = CONTROL.sub("", LITTER.sub("", unicodedata.normalize("NFC", text)))
    return " ".join(text.split())


def name_key(name: str) -> str:
    """For telling whether two spellings are one name: no case, accents, punctuation; order of words kept."""
    folded = unicodedata.normalize("NFKD", name.casefold())
    return " ".join(
        "".join(char if char.isalnum() else " " for char in folded if not unicodedata.combining(char)).split()
    )


@dataclass(frozen=True)
class NameParts:
    title: str
    name: str


def split_title(text: str) -> NameParts:
    """Titles taken from the front: `Prof. Dr. Ada Ito` → (`Prof. Dr.`, `Ada Ito`). One word is never all title."""
    words = GLUED_TITLE.sub(r"\1 ", text).split(" ")
    count = 0
    while count < len(words) - 1 and _is_title(words[count], after_title=count > 0):
        count += 1
    return NameParts(" ".join(words[:count]), " ".join(words[count:]))


def _is_title(word: str, *, after_title: bool) -> bool:
    plain = word.casefold().replace(".", "").rstrip(",")
    if plain in TITLES:
        return True
    if "." not in word:
        return False
    return plain in DOTTED_TITLES or (after_title and word.islower() and plain in TITLE_ENDINGS)


def read_name(text: str) -> NameParts:
    """A name from one cell, clean already: titles off, and `Family, First` turned round where it is clearly that."""
    front = split_title(text)
    family, comma, first = (part.strip() for part in front.name.replace("，", ",").partition(","))
    if not comma or not family or not first or "," in first or _is_after_name(first):
        return NameParts(front.title, front.name.strip(" ,"))
    if len(family.split()) > 4 or len(first.split()) > 5:
        return front
    back = split_title(first)
    return NameParts(f"{front.title} {back.title}".strip(), join_name(back.name, family))


def _is_after_name(text: str) -> bool:
    return all(word.casefold().replace(".", "") in AFTER_NAMES for word in text.split())


def join_name(first: str, family: str) -> str:
    """First and family name as one; in Chinese, Japanese and Korean writing the family name leads, without a space."""
    if CJK_WORD.match(first) and CJK_WORD.match(family):
        return family + first
    return f"{first} {family}".strip()


AddressFault = Literal["email_invalid", "email_several"]


@dataclass(frozen=True)
class Address:
    """`email` is empty when `fault` says what is wrong. `given` is a name that stood before <address>."""

    email: str
    fault: AddressFault | None = None
    given: str = ""


def read_address(text: str) -> Address:
    """An address from one cell, clean already: `mailto:`, `Name <a@b.org>` and stray punctuation are taken off."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    given = ""
    bracketed = ADDRESS_IN_BRACKETS.findall(plain)
    if len(bracketed) == 1:
        given = plain[: plain.index("<")].strip(" \"'")
        plain = bracketed[0]
    plain = re.sub(r"(?i)^\s*mailto:\s*", "", plain).partition("?")[0].strip(" \t.,;:<>()[]\"'")
    if plain.count("@") > 1 and len(re.findall(r"[^\s,;/|]+@[^\s,;/|]+", plain)) > 1:
        return Address("", "email_several")
    local, at, domain = plain.rpartition("@")
    if not at or not LOCAL.match(local) or ".." in local or local[0] == "." or local[-1] == ".":
        return Address("", "email_invalid")
    if not _is_domain(domain):
        return Address("", "email_invalid")
    return Address(f"{local}@{domain.lower()}", None, given)


@lru_cache(maxsize=4096)
def _is_domain(domain: str) -> bool:
    labels = domain.split(".")
    if len(labels) < 2 or len(domain) > 253 or "_" in domain or not all(LABEL.match(label) for label in labels):
        return False
    return not labels[-1].isdigit() and len(labels[-1]) > 1


def address_key(email: str) -> str:
    """What two spellings of one address have in common: lower case, and an international domain in its ASCII form.

    Lower case and not case folding, which would make ß and ss, and so two people's addresses, the same.
    """
    local, _, domain = email.strip().lower().rpartition("@")
    return f"{unicodedata.normalize('NFC', local)}@{_ascii_domain(domain)}"


@lru_cache(maxsize=4096)
def _ascii_domain(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain
