"""The words that give a fault away, as patterns on folded text. Each list is one idea a line."""

import re
from collections.abc import Iterable

from cairn.engines.paths.lint.reading import ASKING, AUXILIARY, NEGATED, PLACED, SUBJECT


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


KNOWN = r"(?:know|knows|agrees?|can see|would say)"
MARK = r"[\"')]*\s*\?"

# --- leading: anywhere in a sentence --------------------------------------------------------------------------------
LEADING = _any(
    [
        r"\bsurely\b",
        r"\bobviously\b",
        r"(?:^|[,;] )clearly\b|\bclearly,|\b(?:is|are) clearly\b",
        r"(?:^|[,;] )of course\b",
        r"(?:^|[,;] )(?:naturally|certainly|admittedly|undoubtedly|no doubt|without doubt|evidently)\b",
        rf"\b(?:everybody|everyone|we all|anybody|anyone|people all) {KNOWN}\b|\bit is well known\b",
        r"\bneedless to say\b|\bgoes without saying\b|\blet's be honest\b|\blet's face it\b",
        r"\b(?:deep down|secretly|finally|at long last)\b",
        r"\byou(?:'d| would| must| will|'ll) (?:surely |probably )?agree\b",
        r"\b(?:that|it|this|you|he|she|they) must (?:have \w+(?:ed|en|t)|feel|be (?:so|very|hard|proud|glad|tired))\b",
        r"\bwhat makes .+ (?:the|a) (?:better|best|right|wrong|only|obvious|worse) (?:choice|option|way|thing|step)\b",
        r"\bhow much (?:better|worse|happier|easier|freer|more) (?:would|will|do|are|could)\b",
        r"\bhow (?:glad|happy|relieved|sad|sorry|excited|disappointed|frustrated|angry) (?:will|would|are|were|do)\b",
        r"\bhow (?:much|badly|deeply) do you (?:hate|love|dislike|regret|resent|loathe|enjoy|want)\b",
        r"\bif not (?:to )?\w+$",
        rf"\bwhy (?:wouldn't|won't|shouldn't|would {SUBJECT} not)\b",
        r"\badmit\b",
        r"\bi (?:assume|suppose|take it|gather|trust|bet|guess|imagine)(?: that)? (?:you|the|it|this|your)\b",
        r"\bsounds (?:as though|as if|like)\b.*\bor am i\b|\bno wonder\b|\bwhat a (?:pity|shame|relief|waste)\b",
        r"\b(?:we both|we all|you and i) know\b|\bwho (?:could|would) (?:object|blame|resist|refuse)\b",
        r"\b(?:that|this|your|such a|such an) (?:terrible|awful|dreadful|horrible|toxic|wonderful|brilliant|amazing"
        r"|good|great) (?:\w+)",
        r"\b(?:the|its) many (?:advantages|benefits|drawbacks|disadvantages|problems)\b",
    ]
)
TAG = _any(
    [
        rf", (?:{AUXILIARY}|{NEGATED}) (?:you|it|he|she|they|we|i|that|there)(?: not)?{MARK}",
        rf"[,–—-] ?(?:right|correct|no|yes|ok|okay|eh|true|agreed|surely){MARK}",
    ]
)
NEGATIVE_OPENING = _any(
    [
        rf"^{NEGATED} \w+",
        r"^(?:am|is|are|was|were|do|does|did|have|has|had|will|would|must)"
        r" (?:you|it|that|this|there|they|he|she|we) not\b",
    ]
)

# --- advising -------------------------------------------------------------------------------------------------------
MUST = r"(?:should|ought to|must|have to|need to|needs? only|had better)"
WISE = r"(?:best|better|wise|wiser|worth|high time|time|an idea|a good idea|good|sensible|helpful|useful)"
SOFTLY = r"(?:really |just |simply |probably |definitely |first |also |perhaps |maybe |still )?"
ADVISING = _any(
    [
        r"\bif i were you\b|\bin your (?:place|shoes|position|situation),? i\b",
        r"\b(?:my|a word of|a piece of|some) (?:advice|suggestion|recommendation|tip)\b(?! did| have| had| would| do)",
        r"\bi(?:'d| would)(?: strongly| certainly| rather)?"
        r" (?:recommend|suggest|advise|propose|say|take|wait|go|ask|try|do|leave|stay)\b",
        r"\bi (?:strongly |really |would )?(?:suggest|recommend|advise|propose|urge|encourage)\b",
        r"\bi (?:think|believe|feel)(?: that)? you\b",
        r"\blet me (?:give|suggest|advise|recommend)\b",
        r"\byou'd better\b|\byou had better\b",
        rf"\b(?:as|since|because|now that|given that) you {SOFTLY}{MUST}\b",
        r"\bit(?:'s| is|'d be| would be| might be| may be| could be)(?: probably| perhaps)?"
        rf" {WISE} (?:to|if|that|\w+ing)\b",
        r"\bit (?:might|may|could|would) (?:help|pay|be worth)\b",
        r"\bthe (?:best|first|right|only|smartest|wisest) thing (?:to do|you can do|would be|for you)\b",
        r"\bpeople (?:in your|like you).* (?:usually|often|mostly|tend to|normally)\b|\bit pays to\b",
        r"\b(?:would|will|might) do you good\b|\bone (?:option|idea|possibility|way) (?:would|might|could) be\b",
        r"\bwhat (?:worked|helped) (?:for )?me\b|\bin my experience\b|\bwhen i was (?:in|at) your\b",
        r"\bwhat (?:keeps|stops|prevents|holds) you (?:back )?(?:from )?(?:just|simply)\b",
        r"^when (?:are you going to|will you finally) (?:talk|speak|ask|call|apply|write|resign|quit|hand|send|tell)\b",
        r"\bwhy don't (?:you|we)\b|\bwhy not\b|\bwhy doesn't one\b",
        r"^(?:how|what) about (?!this\b|that\b|it\b|your\b|you\b|them\b|me\b|now\b|the\b|him\b|her\b)",
        r"^what if you (?:just|simply|only|were to|tried|asked|went|took|told|wrote|spoke|\w+ed)\b(?! to be\b)",
    ]
)
# At the beginning of a question that is not an open one.
ADVISING_OPENING = _any(
    [
        r"^(?:have|had) you (?:ever |already |not |perhaps |maybe )*"
        r"(?:considered|thought|tried|looked (?:at|into)|spoken|talked|asked)"
        r"(?= (?:of|about|that|to|with|at|into|for|\w+ing|\w+))",
        r"^did you (?:ever |already |not )*(?:consider|think of|think about|try)\b",
        r"^(?:haven't|hadn't|didn't) you (?:considered|thought|tried|consider|think of|try)\b",
        r"^should(?:n't)? (?:you|we|one)\b",
        r"^(?:could|can|might) you not\b|^couldn't you\b|^can't you (?:just|simply)\b",
        rf"^(?:would|might|could) it (?:not )?(?:help|pay|be {WISE})\b",
        rf"^wouldn't it (?:help|pay|be {WISE})\b",
        r"^(?:perhaps|maybe) (?:you|it|one) (?:could|should|might|can|would)\b",
        r"^is it (?:not )?(?:worth|time to)\b",
    ]
)
# In a sentence that is no open question, and does not repeat what the person said.
ADVISING_TELLING = _any(
    [
        rf"\byou {SOFTLY}{MUST}\b",
        r"\byou (?:could|can|might|may) (?:always|try|also|just|simply|start|begin|ask|want to|like to|wish to)\b",
        r"\b(?:perhaps|maybe) you (?:could|should|might)\b",
    ]
)
REPORTED = re.compile(
    r"^(?:once |earlier |last time |in \w+ )?you (?:once |also |earlier )?"
    r"(?:wrote|said|told|mentioned|spoke|named|felt)\b"
)
COMMAND = _any(
    [
        r"^(?:try|consider|avoid|quit|resign|apply|accept|negotiate|join|update|focus on|forget about|concentrate on)\b"
        r"(?! to (?:remember|imagine|picture|describe|recall|see|name|put))",
        r"^(?:make|be) sure\b|^be (?:more|less|careful|yourself|bold|brave|patient|realistic|positive|honest)\b",
        r"^(?:don't|do not|never|always|stop|start by|start with|begin by)\b",
        r"^(?:ask|tell|call|talk to|talk with|speak to|speak with|write to) "
        r"(?:for|your|him|her|them|hr|people|somebody|someone)\b",
        r"^(?:take|get|find) (?:a|an|some) (?:course|job|break|holiday|coach|mentor|rest|class|adviser|lawyer)\b",
        r"^(?:talk|speak) (?:it|this|that|things) over\b|^have a (?:word|talk|chat)\b|^put (?:your|a|an|up)\b",
        r"^(?:send|hand in|sign up|book|join|look for|go for|get in touch)\b",
    ]
)

# --- judging --------------------------------------------------------------------------------------------------------
HARSH = (
    r"(?:childish|naive|stubborn|foolish|stupid|silly|ridiculous|irresponsible|selfish|ungrateful|immature|pathetic"
    r"|hopeless|clueless|unprofessional|unreasonable|careless|incompetent|cowardly|absurd|arrogant|spineless)"
)
JUDGING = _any(
    [
        r"\bwhy (?:can't|haven't|aren't|didn't|couldn't|won't) you\b",
        r"\b(?:why|what|how|who|where) (?:on earth|in the world|the hell)\b",
        r"\bwhy (?:are|were) you (?:so|such|always|still|never|only)\b",
        r"\bwhy (?:do|did) you (?:always|keep|never|still|even|insist|waste|throw|let|bother|only)\b",
        r"\bhow could you\b"
        r"(?! (?:be|become|come|find|learn|get|make|show|tell|let (?:others|them|people)|begin|start))",
        r"\bwhat were you thinking\b|\bwhat made you (?:so|such)\b",
        r"\bwhat makes you (?:think|believe|so sure|imagine)\b",
        r"\b(?:your|the|an|any|no|poor) excuses?\b",
        r"\bwhat(?:'s| is| was) wrong with\b",
        r"\b(?:to blame|at fault|your fault)\b",
        r"\bend(?:ed)? up in\b.*\bmess\b|\bsuch a (?:mess|small thing|fuss|state|trifle)\b",
        r"\blet (?:it|things) come to this\b|\blet (?:your|the|my|our) \w+ down\b",
        r"\b(?:throw|threw|thrown) away\b",
        r"\bgrow up and\b|\bpull yourself together\b|\bget over it\b",
        r"\bbother(?:ed)? to\b",
        r"\b(?:the|that) same (?:old )?mistakes?\b",
        rf"\b(?:you|your|you're|this|that|such|so|too|bit|being|rather|quite|a|an|in|made) {HARSH}\b",
        r"\b(?:your|you|you're|too|so|such|being) lazy\b|\blaziness\b|\bstupidity\b|\bcarelessness\b|\bselfishness\b",
        r"\byour (?:failure|failures|negativity|weakness of will|bad attitude|attitude problem)\b",
        r"\b(?:sensible|reasonable|normal|sane) (?:person|people|man|woman|human)\b",
        r"\bpoor (?:record|performance|choices?|results?|judgement|attitude|work)\b",
        r"\byou (?:waste|wasted|squander|squandered)\b|\bwasting (?:your|my|our|everybody's)\b",
        r"\b(?:be|being) honest (?:with|to) yourself\b",
        r"\bgood enough to be\b|\bfor once\b|\bas usual\b",
        r"\bhow (?:can|do|could|would) you justify\b|\breally going to\b|\btook you so long\b|\bwhen did you stop\b",
        r"^what about (?:this|that|it) (?:is|was|strikes|seems|struck)\b|\bhow many more (?:chances|times)\b",
        r"\bwhy would (?:you|anybody|anyone|somebody) (?:do|want|choose)\b",
        r"\bdid you (?:think|expect|imagine) would happen\b|\bbackbone\b",
        r"\bhave you (?:disappointed|let down|hurt|failed)\b",
    ]
)

# --- prejudiced -----------------------------------------------------------------------------------------------------
ROLE = (
    r"(?:post-?doc|teacher|technician|secretary|administrator|assistant|lecturer|manager|nurse|housewife|adjunct|temp"
    r"|clerk|librarian|freelancer|student|employee|worker|carer|mother|parent|academic|researcher|scientist|coder"
    r"|salesperson|consultant|civil servant|job|hobby)s?"
)
SPHERE = (
    r"(?:academia|academe|research|science|scholarship|the university|university|universities|industry|business"
    r"|the private sector|the public sector|teaching|administration|consulting|the civil service|the lab)"
)
PREJUDICED = _any(
    [
        r"\b(?:real|proper|normal|decent|respectable|grown-up|sensible) (?:jobs?|careers?|profession|money|world)\b",
        r"\b(?:real|serious|true|proper|pure) (?:scientist|scholar|academic|researcher|teacher|writer)s?\b",
        rf"\b(?:just|only|merely|nothing but) (?:a|an|another) (?:\w+ )?{ROLE}\b",
        rf"\bmere (?:\w+ )?{ROLE}\b|\bmere \w+$",
        r"\bsettl(?:e|ing) for\b",
        r"\bfailed (?:academic|researcher|scientist|post-?doc|scholar|entrepreneur|founder|professor|artist)s?\b",
        r"\b(?:if|when|once|in case) you (?:fail|don't make it|do not make it|cannot make it|can't make it)\b",
        r"\bnot (?:be |being )?(?:good|clever|bright) enough for\b",
        rf"\b{SPHERE}(?: should| does| did| do| will| would)?(?: not|n't|doesn't|didn't) work(?:ed)? out\b",
        r"\bplan b\b|\bfall-?back\b|\bsecond best\b|\bconsolation prize\b|\bback-?up career\b",
        r"\bdark side\b|\bivory tower\b|\brat race\b|\bsell(?:ing)? out\b|\bsold out\b|\bsoulless\b",
        rf"\bg(?:i|a)v(?:e|ing) up on {SPHERE}\b|\babandon(?:ed|ing)? {SPHERE}\b|\bdrop(?:ped)? out of {SPHERE}\b",
        rf"\bescap(?:e|ed|ing) (?:from )?{SPHERE}\b|\btrapped in (?:your |the )?{SPHERE}\b|\bget out of {SPHERE}\b",
        rf"\b(?:have|had|forced) to go into {SPHERE}\b|\bend(?:ed|ing)? up in {SPHERE}\b",
        rf"\bhid(?:e|ing) (?:at|in) {SPHERE}\b",
        r"\bstep(?:ping)? down to\b|\bwasted (?:on|in)\b|\boverqualified\b|\bbeneath you\b",
        r"\b(?:nobler|higher|lesser|lower) (?:calling|career|work|job|kind)\b",
        r"\balternative careers?\b|\bnon-academic careers?\b",
        rf"\b(?:nobody|no one|everybody|everyone) (?:ever )?(?:leaves|stays in|quits|wants to leave) {SPHERE}\b",
        r"\bonly for (?:people|those) who (?:cannot|can't|could not|couldn't|failed)\b",
        r"\bwork like that\b|\bbetter than that kind of\b|\bthat sort of (?:job|people)\b",
        r"\b(?:somebody|someone|a person|a mind|anyone|anybody) (?:with|of) your"
        r" (?:brains?|talents?|degrees?|education|training|qualifications|intelligence|calibre|abilit\w+)\b",
        r"\blittle (?:world|bubble)\b|\bgoing commercial\b|\bgiv(?:e|ing) up your ideals\b|\bsuch a hobby\b",
        r"\btoo (?:old|young) (?:for|to)\b",
        r"\bafter all (?:that|this|those|these|your) (?:study|years|training|education)\b",
        rf"\brespectable\b|\bnot (?:really )?cut out for {SPHERE}\b",
    ]
)

# --- double and closed ----------------------------------------------------------------------------------------------
ASKED = r"(?<!\bwhat)(?<!\bwho)(?<!\bhow)(?<!\bwhere)(?<!\bwhen)(?<!\bwhich)(?<!\bwhy)"
DOUBLE = _any(
    [
        rf"{ASKED} (?:and|or|but|plus|as well as)(?: then| also| yet| if [\w ]+,?)? (?:{PLACED} )?"
        rf"(?:{ASKING}|when|where)\b(?! {SUBJECT}\b)(?! (?:tells|makes) you\b)(?=\W+\w)",
        rf" (?:and|or|but)(?: then| also)? (?:{AUXILIARY}|{NEGATED}) {SUBJECT}\b",
        rf"[,;:] (?:and |or |but )?(?:{ASKING}|when|where) (?:\w+ )?(?:{AUXILIARY}) ",
        r"\band if so\b",
    ]
)
A_FACT = re.compile(
    r"^how (?:many|old)\b|^(?:at |in )?which (?:university|school|firm|department) (?:do|did|are|were)\b"
)
A_CHOICE = re.compile(r"^(?:which|what) (?:is|was|would|do|will)\b[^,]*, .+ or \w+")
A_REQUEST = re.compile(
    r"^(?:can|could|will|would) you (?:tell|describe|say|explain|show|walk|put|name|give me|help me)\b"
)
