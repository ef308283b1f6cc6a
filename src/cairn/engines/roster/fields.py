"""Which facts a list of participants may bring, and by which names columns call them."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from cairn.engines.wording import gettext_noop

NOT_TAKEN = "not_taken"
NOTES = "notes"

NOT_TAKEN_SENTENCE = gettext_noop(
    "The column “{title}” is not taken over. Cairn asks each person about this themselves, and only if it is needed."
)


@dataclass(frozen=True)
class Field:
    """A field's key, and its name and explanation as templates for gettext."""

    key: str
    label: str
    help: str


@dataclass(frozen=True)
class TemplateColumn:
    """A column of the file offered for download; `title` is in English and found again by `find_header`."""

    field: str
    title: str
    help: str
    required: bool
    kind: Literal["text", "date"]


FIELDS: tuple[Field, ...] = (
    Field("name", gettext_noop("Name"), gettext_noop("The full name, as the person writes it. One word is enough.")),
    Field("first_name", gettext_noop("First name"), gettext_noop("Only if names stand in two columns.")),
    Field("family_name", gettext_noop("Family name"), gettext_noop("Only if names stand in two columns.")),
    Field("known_as", gettext_noop("Known as"), gettext_noop("What the person likes to be called, if it differs.")),
    Field("title", gettext_noop("Title"), gettext_noop("Such as Dr or Professor. May stay empty.")),
    Field("email", gettext_noop("E-mail"), gettext_noop("The invitation goes here. One address for each person.")),
    Field("department", gettext_noop("Department"), gettext_noop("School, faculty, unit or team.")),
    Field("discipline", gettext_noop("Discipline"), gettext_noop("Subject or field of work.")),
    Field("institution", gettext_noop("Institution"), gettext_noop("Needed only if several institutions take part.")),
    Field("line_manager", gettext_noop("Line manager"), gettext_noop("Name or e-mail, so that conflicts are avoided.")),
    Field("line_manager_email", gettext_noop("Line manager's e-mail"), gettext_noop("May stay empty.")),
    Field("starts_on", gettext_noop("Contract start"), gettext_noop("A date such as 2026-10-01. May stay empty.")),
    Field("contract_ends_on", gettext_noop("Contract end"), gettext_noop("A date such as 2027-09-30. May stay empty.")),
    Field(NOTES, gettext_noop("Notes"), gettext_noop("Never taken over.")),
    Field(NOT_TAKEN, gettext_noop("Not taken"), gettext_noop("Personal facts that Cairn asks each person about.")),
)

TEMPLATE = ("name", "known_as", "email", "institution", "department", "discipline", "line_manager", "contract_ends_on")
DATE_FIELDS = frozenset({"starts_on", "contract_ends_on"})
REQUIRED_FIELDS = frozenset({"name", "email"})

# English, German, French, Spanish, Welsh, Italian, Dutch; normalised when the table is built.
SYNONYMS: Mapping[str, str] = {
    "name": """
        name; full name; participant; participant name; name of participant; coachee; coachee name; person;
        staff name; employee name; researcher; researcher name; student name; delegate; delegate name; who;
        display name; first name and surname; name and surname; first and last name; first name last name;
        vollständiger name; teilnehmer; teilnehmerin; teilnehmende; teilnehmer/in; name vorname; vor- und nachname;
        nom complet; nom et prénom; nom prénom; prénom et nom; participante; nombre completo; nombre y apellidos;
        apellidos y nombre; enw; enw llawn; enw'r cyfranogwr; cyfranogwr; nome completo; volledige naam; naam;
        姓名; 氏名; 名前; 이름; имя; фио; الاسم; שם
    """,
    "first_name": """
        first name; firstname; forename; forenames; forename(s); given name; given names; christian name; first;
        fname; vorname; rufname vorname; prénom; prénoms; nombre; nombres; nombre de pila; enw cyntaf; enw bedydd;
        voornaam; nome; 名; имя собственное
    """,
    "family_name": """
        family name; last name; lastname; surname; surnames; second name; last; lname; nachname; familienname;
        zuname; nom; nom de famille; apellido; apellidos; cyfenw; enw olaf; enw teuluol; achternaam; cognome; 姓;
        фамилия
    """,
    "known_as": """
        known as; preferred name; preferred first name; nickname; likes to be called; called; goes by; alias;
        rufname; spitzname; surnom; prénom usuel; nom d'usage; apodo; nombre preferido; adwaenir fel;
        enw a ffefrir; roepnaam
    """,
    "title": """
        title; salutation; prefix; honorific; form of address; name title; academic title; anrede; titel;
        akademischer titel; civilité; titre; tratamiento; título; teitl; cyfarchiad; aanhef; titolo
    """,
    "email": """
        email; e-mail; mail; email address; e-mail address; mail address; work email; university email;
        institutional email; contact email; staff email; email work; emailadresse; e-mail-adresse; mailadresse;
        mailadr; dienstliche e-mail; courriel; adresse e-mail; adresse électronique; adresse mail;
        adresse de courriel; mél; correo; correo electrónico; dirección de correo; e-bost; ebost; cyfeiriad e-bost;
        cyfeiriad ebost; e-mailadres; indirizzo email; posta elettronica; 电子邮件; 邮箱; メール; メールアドレス;
        이메일; почта; эл почта; البريد الإلكتروني; דוא"ל
    """,
    "department": """
        department; dept; department/school; school; faculty; unit; division; section; team; college;
        research group; group/unit; school/department; department name; organisational unit; organizational unit;
        directorate; abteilung; fakultät; fachbereich; institut; lehrstuhl; organisationseinheit; département;
        service; faculté; laboratoire; departamento; facultad; unidad; adran; ysgol; cyfadran; uned; afdeling;
        faculteit; dipartimento; 部门; 部署; отдел
    """,
    "discipline": """
        discipline; subject; subject area; field; field of research; research area; research field;
        area of research; specialism; specialty; speciality; fach; fachrichtung; disziplin; fachgebiet;
        forschungsgebiet; domaine; spécialité; disciplina; área; área de conocimiento; especialidad; disgyblaeth;
        pwnc; maes; maes ymchwil; vakgebied
    """,
    "institution": """
        institution; university; organisation; organization; employer; company; institute; host institution;
        home institution; partner institution; partner; affiliation; hochschule; universität; einrichtung;
        institution/universität; arbeitgeber; organisation/firma; firma; établissement; université; employeur;
        organisme; institución; universidad; organización; empresa; sefydliad; prifysgol; cyflogwr; instelling;
        universiteit; università; istituzione; 大学; 单位; 所属; университет
    """,
    "line_manager": """
        line manager; manager; line manager name; manager name; name of line manager; supervisor; supervisor name;
        pi; principal investigator; pi name; reports to; head of group; boss; reporting manager; vorgesetzte;
        vorgesetzter; vorgesetzte/r; vorgesetzte person; führungskraft; betreuer; betreuerin; responsable;
        supérieur hiérarchique; responsable hiérarchique; n+1; supérieur; jefe; jefa; superior; jefe directo;
        supervisora; rheolwr; rheolwr llinell; goruchwyliwr; leidinggevende; responsabile
    """,
    "line_manager_email": """
        line manager email; manager email; line manager's email; email of line manager; line manager e-mail;
        manager e-mail; supervisor email; supervisor e-mail; supervisor's email; pi email; manager email address;
        line manager email address; e-mail vorgesetzte; e-mail der vorgesetzten; e-mail führungskraft;
        courriel du responsable; correo del superior; e-bost rheolwr; e-bost y rheolwr; e-bost rheolwr llinell
    """,
    "starts_on": """
        start date; contract start; contract start date; start; starts; starts on; from date; date joined;
        employment start; start of contract; vertragsbeginn; beginn; eintritt; eintrittsdatum; date de début;
        début; début de contrat; fecha de inicio; inicio; inicio del contrato; dyddiad dechrau; dechrau contract;
        startdatum
    """,
    "contract_ends_on": """
        contract end; contract end date; contract ends; contract ends on; end of contract; end date; ends; ends on;
        contract expiry; contract expiry date; expiry date; fixed term end; fixed-term end date;
        fixed term end date; funding end; funding end date; contract until; employed until; contract to;
        leaving date; end of employment; vertragsende; vertrag bis; befristet bis; ende; enddatum; austritt;
        befristung; date de fin; fin; fin de contrat; date de fin de contrat; fecha de fin; fin de contrato;
        fecha fin; fin del contrato; dyddiad gorffen; dyddiad gorffen contract; diwedd contract; einddatum;
        einde contract; fine contratto
    """,
    NOTES: """
        notes; note; comments; comment; remarks; remark; further information; other information; anything else;
        bemerkung; bemerkungen; anmerkung; anmerkungen; kommentar; notiz; notizen; remarque; remarques;
        commentaire; commentaires; observations; observaciones; comentarios; notas; nodiadau; sylwadau; opmerkingen
    """,
}

# Words that may stand inside a longer title and still mean the field ("Participant e-mail (work)").
LOOSE_FIELDS = frozenset(SYNONYMS) - {"name", "title", "known_as", "discipline", "starts_on", NOTES}
LOOSE_EXCEPTIONS = frozenset(
    {"service", "team", "unit", "first", "last", "start", "ende", "fin", "nom", "nombre", "nome", "partner", "mail"}
    | {"school", "college", "group", "section", "ends", "manager", "pi", "institut", "institute", "company", "superior"}
)
# A title with one of these words speaks of somebody or something else.
OTHER_SUBJECTS = frozenset(
    {"emergency", "kin", "coach", "mentor", "username", "user", "login", "account", "job", "post", "project"}
    | {"alternative", "second", "secondary", "private", "personal", "invoice", "billing", "assistant", "secretary"}
    | {"administrator", "hr", "sent", "status", "bounced", "consent", "phone", "telephone", "role", "position"}
)

PROTECTED_WORDS = re.compile(
    r"\b(?:gender\w*|sex|ethnic\w*|race|racial|disab\w*|impairment|nationalit\w*|citizenship|visa|religio\w*|belief|faith"
    r"|dob|birth\w*|birthday|age|age group|age band|sexual\w*|orientation|lgbt\w*|trans|marital\w*|pregnan\w*|maternity"
    r"|pronouns?|health|medical|trade union|union membership|political|caring responsibilities|carer"
    r"|geschlecht|ethnie|ethnisch\w*|herkunft|behinderung\w*|schwerbehinder\w*|nationalitat|staatsangehorigkeit"
    r"|staatsburgerschaft|religion\w*|konfession|geburts\w*|geburtsdatum|alter|sexuelle|familienstand|gesundheit"
    r"|genre|sexe|ethnie|origine|handicap|nationalite|date de naissance|naissance|etat civil|sante"
    r"|genero|sexo|etnia|etnico|discapacidad|nacionalidad|fecha de nacimiento|nacimiento|edad|estado civil|salud"
    r"|rhywedd|rhyw|ethnigrwydd|anabledd|cenedligrwydd|crefydd|dyddiad geni|oedran|rhywioldeb|iechyd"
    r"|geslacht|nationaliteit|geboortedatum|性别|民族|国籍|出生日期|пол|национальность|дата рождения)\b"
)


POSSESSIVE = re.compile(r"(?<=\w)['’]s?(?!\w)")
SPLIT_EMAIL = re.compile(r"\be mail\b")


@lru_cache(maxsize=4096)
def normalise_header(title: str) -> str:
    """A column title without case, accents, punctuation and line breaks: `E-Mail\\n(Work)` → `email work`.

    This is the form in which a confirmed mapping is remembered.
    """
    folded = unicodedata.normalize("NFKD", POSSESSIVE.sub("", title.casefold()))
    letters = (char if char.isalnum() else " " for char in folded if not unicodedata.combining(char))
    return SPLIT_EMAIL.sub("email", " ".join("".join(letters).split()))


@cache
def exact_titles() -> Mapping[str, str]:
    """Normalised title → field."""
    return {
        normalise_header(word): field for field, words in SYNONYMS.items() for word in words.split(";") if word.strip()
    }


@cache
def loose_titles() -> tuple[tuple[str, str], ...]:
    """(normalised phrase, field), longest first, for phrases that may be part of a longer title."""
    titles = exact_titles().items()
    found = [(phrase, field) for phrase, field in titles if field in LOOSE_FIELDS and phrase not in LOOSE_EXCEPTIONS]
    return tuple(sorted(found, key=lambda pair: (-len(pair[0]), pair[0])))


def is_protected(title: str) -> bool:
    """Whether the column holds a protected or sensitive fact, which a list must never bring."""
    return PROTECTED_WORDS.search(normalise_header(title)) is not None


def field_of(title: str) -> tuple[str | None, float]:
    """The field a column title means, and how sure that is from 0 to 1."""
    normal = normalise_header(title)
    if not normal:
        return None, 0.0
    if is_protected(title):
        return NOT_TAKEN, 1.0
    if normal in exact_titles():
        return exact_titles()[normal], 1.0
    if len(normal) > 60 or OTHER_SUBJECTS & set(normal.split()):
        return None, 0.0
    padded = f" {normal} "
    for phrase, field in loose_titles():
        if f" {phrase} " in padded:
            return field, 0.7
    return None, 0.0


def template_columns() -> tuple[TemplateColumn, ...]:
    """Titles and help for the file offered for download; titles and help are templates for gettext."""
    known = {field.key: field for field in FIELDS}
    return tuple(
        TemplateColumn(
            key, known[key].label, known[key].help, key in REQUIRED_FIELDS, "date" if key in DATE_FIELDS else "text"
        )
        for key in TEMPLATE
    )
