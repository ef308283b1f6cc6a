"""Reading a prompt: its sentences, their clauses, and whether a clause opens a question, closes it or does neither."""

import re
from dataclasses import dataclass

STRAIGHT = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\N{NO-BREAK SPACE}": " "})
SENTENCE = re.compile(r"[^.?!…]+[.?!…]*[\"')]*")
CLAUSE = re.compile(r"\s*(?:[,;:]|\s[–—-]\s)\s*")

AUXILIARY = (
    r"(?:am|is|are|was|were|do|does|did|have|has|had|can|could|will|would|shall|should|may|might|must|ought|need)"
)
NEGATED = (
    r"(?:don't|doesn't|didn't|isn't|aren't|wasn't|weren't|wouldn't|couldn't|shouldn't|can't|cannot|won't|haven't"
    r"|hasn't|hadn't|mustn't|needn't)"
)
ASKING = r"(?:what|which|who|whom|whose|how|why)"
PLACED = r"(?:at|by|for|from|in|into|of|on|to|towards|under|with|without|about|around|through|after|before)"
SUBJECT = r"(?:you|your|i|it|its|he|she|they|we|this|that|there|the|a|an|my|their|people|others|somebody|someone)"
FILLER = re.compile(
    r"^(?:(?:and|but|so|or|well|now|then|okay|ok|tell me|just|oh|hm+)\b[\s,]*|(?:yes|no|honestly),\s*)+"
)

OPENS = re.compile(
    rf"^(?:{PLACED} )?(?:{ASKING}\b|(?:when|where) (?:{AUXILIARY}|{NEGATED}|in|on|else|exactly)\b|(?:when|where)$)"
)
CLOSES = re.compile(rf"^(?:{AUXILIARY}|{NEGATED})\b(?!-)")
OPENS_INSIDE = re.compile(rf"\b(?:{ASKING}|when|where)(?: \w+)? (?:{AUXILIARY})\b")


@dataclass(frozen=True)
class Sentence:
    """A sentence as it is matched: straight quotes, lower case, single spaces; and where it stands in the prompt."""

    text: str
    start: int
    is_question: bool

    @property
    def bare(self) -> str:
        """Without opening fillers such as `and` or `well`, and without its full stop."""
        return FILLER.sub("", self.text.rstrip(" .?!…\"')"))

    @property
    def clauses(self) -> list[str]:
        """Its parts between commas, fillers removed."""
        return [FILLER.sub("", clause) for clause in CLAUSE.split(self.bare) if clause]

    @property
    def opening(self) -> str:
        """`open`, `closed`, or nothing when no clause begins as a question does."""
        for clause in self.clauses:
            if OPENS.match(clause):
                return "open"
            if CLOSES.match(clause):
                return "closed"
        return "open" if OPENS_INSIDE.search(self.bare) else ""


def folded(prompt: str) -> str:
    """The prompt as it is matched; of the same length, so that places in it can be found again."""
    folded = re.sub(r"\s", " ", prompt.translate(STRAIGHT)).lower()
    return folded if len(folded) == len(prompt) else prompt


def sentences(prompt: str) -> list[Sentence]:
    """The sentences of a folded prompt."""
    found = []
    for each in SENTENCE.finditer(prompt):
        text = each.group().strip()
        if text.strip(" .?!…\"')"):
            start = each.start() + len(each.group()) - len(each.group().lstrip())
            found.append(Sentence(text=text, start=start, is_question="?" in text))
    return found
