"""Words that carry no theme, folded. A journal is full of them, and they would be all that it showed."""

_ENGLISH = """
a able about above across actually after afterwards again against ago all almost alone along already also although
always am among an and another any anybody anymore anyone anything anyway apart are aren't around as aside ask
asked asking at away back bad be because became become becomes been before began begin behind being believe below
beside besides best better between beyond bit both bring brought but by call called came can can't cannot certain
certainly clear come comes coming could couldn't course day days dear definitely did didn't different do does
doesn't doing don't done down during each early either else end ended enough especially etc even evening ever every
everybody everyone everything exactly far feel feeling feels felt few fewer find finally fine first five for found
four from full further gave get gets getting give given gives go goes going gone good got great had hadn't half
happen happened happens hard hardly has hasn't have haven't having he he'd he'll he's hear heard her here hers
herself him himself his hour hours how however i i'd i'll i'm i've if in indeed instead into is isn't it it'd it'll
it's its itself just keep keeps kept kind knew know known knows last late lately later least leave less let let's
lets like liked likely little long look looked looking looks lot lots made make makes making man many may maybe me
mean means meant men might mind minute minutes moment month months more morning most mostly much must my myself
near need needed needs neither never new next nice night no nobody none nor not nothing notice noticed now nowhere
of off often oh ok okay old on once one ones only onto or other others ought our ours ourselves out over own part
particular people perhaps person place point possible probably put quite rather real really right round said same
saw say saying says second see seem seemed seems seen self several shall shan't she she'd she'll she's should
shouldn't side simply since six small so some somebody somehow someone something sometimes somewhere soon sort
start started still stop stopped such sure take taken takes taking talk talked tell ten than that that'll that's
the their theirs them themselves then there there's these they they'd they'll they're they've thing things think
thinking thinks third this those though thought thoughts three through time times to today together told tomorrow
too took toward towards tried true try trying turn turned two under until up upon us use used uses using usual
usually very want wanted wants was wasn't way ways we we'd we'll we're we've week weeks well went were weren't what
what's whatever when whenever where wherever whether which while who who's whole whom whose why will with within
without woman women won't wonder wondered word words would wouldn't write writing written wrote year years yes
yesterday yet you you'd you'll you're you've your yours yourself yourselves
"""
ENGLISH = frozenset(_ENGLISH.split())
BY_LANGUAGE = {"en": ENGLISH}
