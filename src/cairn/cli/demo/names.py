"""Who takes part in the demonstration. Invented people: many scripts, long names, names of one word."""

from dataclasses import dataclass

EASTMERE, NORTHGATE, SALTWORTH = "Eastmere University", "Northgate University", "Saltworth Institute of Technology"
HOMES = {EASTMERE: "eastmere.example", NORTHGATE: "northgate.example", SALTWORTH: "saltworth.example"}
DEPARTMENTS = {
    "Immunology": "Department of Life Sciences",
    "Physics": "Department of Physics and Astronomy",
    "Materials science": "School of Engineering",
    "History": "Faculty of Arts",
    "Linguistics": "Faculty of Arts",
    "Law": "School of Law",
}


@dataclass(frozen=True)
class Participant:
    """A row of the workbook that the coordinator imports, and the zone in which the person reads the clock."""

    name: str
    mailbox: str
    discipline: str
    institution: str = EASTMERE
    known_as: str = ""
    title: str = ""
    line_manager: str = ""
    zone: str = "Europe/London"

    @property
    def email(self) -> str:
        """Their address at their institution."""
        return f"{self.mailbox}@{HOMES[self.institution]}"

    @property
    def department(self) -> str:
        """Where their discipline has its home."""
        return DEPARTMENTS[self.discipline]


IMMUNOLOGY, PHYSICS, MATERIALS, HISTORY, LINGUISTICS, LAW = DEPARTMENTS

PARTICIPANTS = (
    Participant("Thandiwe Ndlovu", "thandiwe.ndlovu", IMMUNOLOGY, title="Dr"),
    Participant("王秀英", "xiuying.wang", MATERIALS, SALTWORTH, known_as="Xiùyīng", zone="Asia/Shanghai"),
    Participant("Pärt Tamm", "part.tamm", PHYSICS, NORTHGATE, zone="Europe/Tallinn"),
    Participant("Siobhán Ní Bhriain", "siobhan.nibhriain", HISTORY, known_as="Shiv", zone="Europe/Dublin"),
    Participant("ნინო ბერიძე", "nino.beridze", LINGUISTICS, known_as="Nino", zone="Asia/Tbilisi"),
    Participant("María del Carmen Fernández-Echevarría y Ruiz de Apodaca", "carmen.fernandez", LAW, known_as="Carmen"),
    Participant("Sukarti", "sukarti", MATERIALS, SALTWORTH),
    Participant("أمينة الحداد", "amina.haddad", IMMUNOLOGY, NORTHGATE, known_as="Amina"),
    Participant("דנה אבני", "dana.avni", PHYSICS, known_as="Dana"),
    Participant("Олександра Ковальчук", "oleksandra.kovalchuk", IMMUNOLOGY, known_as="Sasha"),
    Participant("佐藤 健太", "kenta.sato", MATERIALS, known_as="Kenta", title="Dr"),
    Participant("김하늘", "haneul.kim", PHYSICS, SALTWORTH, known_as="Ha-neul"),
    Participant("Nguyễn Thị Minh Khuê", "khue.nguyen", LINGUISTICS, known_as="Khuê"),
    Participant("Þórdís Hallgrímsdóttir", "thordis.hallgrimsdottir", HISTORY, NORTHGATE, zone="Atlantic/Reykjavik"),
    Participant(
        "João Batista de Albuquerque Cavalcanti", "joao.cavalcanti", PHYSICS, known_as="João", zone="America/Sao_Paulo"
    ),
    Participant("Aroha Ngata", "aroha.ngata", LINGUISTICS, NORTHGATE, zone="Pacific/Auckland"),
    Participant("Ζωή Παπαδοπούλου", "zoe.papadopoulou", LAW, known_as="Zoë"),
    Participant("अनन्या जोशी", "ananya.joshi", IMMUNOLOGY, SALTWORTH, known_as="Ananya"),
    Participant("Chidi Okonkwo-Ezeani", "chidi.okonkwo", MATERIALS, line_manager="Tomasz Zieliński"),
    Participant("Łucja Wiśniewska", "lucja.wisniewska", HISTORY),
    Participant("Дмитрий Соколов", "dmitri.sokolov", PHYSICS, NORTHGATE, known_as="Mitya"),
    Participant("Fatou Diop", "fatou.diop", LAW, title="Dr"),
    Participant("Gráinne Ó Dálaigh", "grainne.odalaigh", IMMUNOLOGY),
    Participant("Adaobi Chukwuemeka Nwankwo-Oluwaseun", "adaobi.nwankwo", MATERIALS, NORTHGATE, known_as="Ada"),
    Participant("Eşref Yılmaz", "esref.yilmaz", PHYSICS, SALTWORTH),
    Participant("Zsófia Szentgyörgyi", "zsofia.szentgyorgyi", IMMUNOLOGY, title="Dr"),
    Participant("Håkon Ødegård", "hakon.odegard", MATERIALS),
    Participant("Ananda", "ananda", LINGUISTICS, NORTHGATE),
    Participant("Rhys ap Gwilym", "rhys.apgwilym", HISTORY, known_as="Rhys"),
    Participant("Mairead MacAulay", "mairead.macaulay", LAW, NORTHGATE),
    Participant("Tevita Fonua", "tevita.fonua", PHYSICS),
    Participant("Սոնա Գրիգորյան", "sona.grigoryan", LINGUISTICS, SALTWORTH, known_as="Sona"),
    Participant("สมหญิง ใจดี", "somying.jaidee", IMMUNOLOGY, known_as="Somying"),
    Participant("தமிழ்செல்வி", "tamilselvi", MATERIALS, known_as="Selvi"),
    Participant("Baraka Mwangi", "baraka.mwangi", PHYSICS, NORTHGATE, zone="Africa/Nairobi"),
    Participant("Inés Quiñones", "ines.quinones", LINGUISTICS),
    Participant("Ondřej Dvořáček", "ondrej.dvoracek", MATERIALS, SALTWORTH),
    Participant("Ludmila Šimůnková", "ludmila.simunkova", IMMUNOLOGY, NORTHGATE),
    Participant("Oumar Traoré", "oumar.traore", LAW),
    Participant("Isla Farquharson", "isla.farquharson", HISTORY),
    Participant("نور رحیمی", "noor.rahimi", PHYSICS, SALTWORTH, known_as="Noor"),
    Participant("Jean-Baptiste d’Hautefeuille", "jb.dhautefeuille", IMMUNOLOGY, known_as="JB", zone="Europe/Paris"),
    Participant("Emeka Obi", "emeka.obi", MATERIALS),
    Participant("Yusra Siddiqui", "yusra.siddiqui", LAW, NORTHGATE),
    Participant("Caspian Thorne-Whitlock", "caspian.thorne", HISTORY, known_as="Cas"),
    Participant("Beatriz Amaral", "beatriz.amaral", IMMUNOLOGY, SALTWORTH, zone="Europe/Lisbon"),
    Participant("ተመስገን ኃይሌ", "temesgen.haile", PHYSICS, known_as="Temesgen"),
    Participant("林美華", "meihua.lin", LINGUISTICS, NORTHGATE, known_as="Mei-hua"),
    Participant("Priya Raghunathan", "priya.raghunathan", MATERIALS, title="Dr"),
    Participant("Finlay O’Sullivan", "finlay.osullivan", PHYSICS),
    Participant("Sindri Árnason", "sindri.arnason", IMMUNOLOGY, NORTHGATE),
    Participant("Mele Tupou", "mele.tupou", HISTORY, SALTWORTH, zone="Pacific/Tongatapu"),
    Participant("Harriet Pemberton", "harriet.pemberton", LINGUISTICS),
)

SECOND = (
    Participant("Rosalind Achterberg", "rosalind.achterberg", PHYSICS, title="Dr"),
    Participant("Nomvula Khumalo", "nomvula.khumalo", IMMUNOLOGY, NORTHGATE),
    Participant("Ægir Sigurbjörnsson", "aegir.sigurbjornsson", MATERIALS, zone="Atlantic/Reykjavik"),
    Participant("李子涵", "zihan.li", LINGUISTICS, SALTWORTH, known_as="Zihan"),
    Participant("Mstislav Rostovtsev-Hale", "mstislav.rostovtsev", HISTORY, known_as="Slava"),
    Participant("فرهاد کریمی", "farhad.karimi", PHYSICS, NORTHGATE, known_as="Farhad"),
    Participant("Wanjirũ", "wanjiru", LAW),
    Participant("Eleftheria Anagnostopoulou", "eleftheria.anagnostopoulou", IMMUNOLOGY, known_as="Ria"),
    Participant("Dafydd Llewelyn", "dafydd.llewelyn", MATERIALS, NORTHGATE),
    Participant("中村 あおい", "aoi.nakamura", PHYSICS, SALTWORTH, known_as="Aoi", zone="Asia/Tokyo"),
    Participant("Guadalupe Ixchel Tzul", "guadalupe.tzul", LINGUISTICS, title="Dr", known_as="Lupe"),
    Participant("Bronisław Grześkowiak", "bronislaw.grzeskowiak", HISTORY, NORTHGATE),
    Participant("שירה לוין", "shira.levin", IMMUNOLOGY, SALTWORTH, known_as="Shira"),
    Participant("Kofi Owusu-Ansah", "kofi.owusu", LAW),
    Participant("বৃষ্টি সরকার", "brishti.sarkar", MATERIALS, known_as="Brishti"),
    Participant("Maximiliane Freiin von Tettau-Hohenfels", "max.tettau", HISTORY, known_as="Max", zone="Europe/Berlin"),
    Participant("Tamati Rāwiri", "tamati.rawiri", PHYSICS),
    Participant("Đặng Hoài An", "hoaian.dang", IMMUNOLOGY, NORTHGATE, known_as="An"),
    Participant("Ishbel MacGillivray", "ishbel.macgillivray", LINGUISTICS),
    Participant("Նարեկ Սահակյան", "narek.sahakyan", PHYSICS, SALTWORTH, known_as="Narek"),
    Participant("Saoirse Quill", "saoirse.quill", MATERIALS, zone="Europe/Dublin"),
    Participant("മീര നായർ", "meera.nair", IMMUNOLOGY, known_as="Meera", title="Dr"),
    Participant("Tuğçe Akgün", "tugce.akgun", LAW, SALTWORTH),
    Participant("Percival Oyelaran", "percival.oyelaran", HISTORY),
)

NEVER_CAME = "sindri.arnason@northgate.example"  # has the invitation and has not signed in
NOT_AGREED = ("finlay.osullivan@eastmere.example", "mele.tupou@saltworth.example")  # signed in, accepted nothing yet
MISSES_TWICE = "tevita.fonua@eastmere.example"
MOVED_ON = "emeka.obi@eastmere.example"  # has a new job and stays on in own time
MOVES_SOON = "fatou.diop@eastmere.example"  # has said so, and waits for an answer
WANTS_ANOTHER_GROUP = "isla.farquharson@eastmere.example"  # asks, and waits for an answer
WANTS_SUMMARIES = "noor.rahimi@saltworth.example"  # the same
NOT_YET_IN_SECOND = ("zihan.li@saltworth.example", "ishbel.macgillivray@eastmere.example")  # not signed in yet

HARBOUR = (
    ("Nia", "nia@harbour.example"),
    ("Dilys Prosser", "dilys.prosser@harbour.example"),
    ("Kwabena Asante", "kwabena.asante@harbour.example"),
    ("Marta Ruiz", "marta.ruiz@harbour.example"),
    ("Joe Tully", "joe.tully@harbour.example"),
    ("Ngozi Eze", "ngozi.eze@harbour.example"),
)
