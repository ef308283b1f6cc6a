"""What the lint finds, with a sentence for people."""

from dataclasses import dataclass

from cairn.engines.wording import Wording, gettext_noop

SENTENCES = {
    "closed": gettext_noop("“{words}” asks for a yes, a no or a choice. What, how, which or who leaves more room."),
    "leading": gettext_noop("“{words}” carries the answer that is hoped for."),
    "double": gettext_noop("“{words}” begins a second question. One at a time is easier to think about."),
    "advising": gettext_noop("“{words}” says what to do. Cairn asks and leaves the answer to the person."),
    "judging": gettext_noop("“{words}” passes a verdict on the person."),
    "prejudiced": gettext_noop("“{words}” ranks one kind of career above another."),
}
KINDS = tuple(SENTENCES)


@dataclass(frozen=True)
class Finding:
    """One fault: its kind (one of KINDS) and the words, as written, that showed it."""

    kind: str
    words: str

    @property
    def wording(self) -> Wording:
        """The sentence for people, ready for translation."""
        return Wording(key=f"lint.{self.kind}", template=SENTENCES[self.kind], params={"words": self.words})

    @property
    def sentence(self) -> str:
        """The sentence in English."""
        return SENTENCES[self.kind].format(words=self.words)
