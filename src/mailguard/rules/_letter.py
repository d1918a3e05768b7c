"""Whether a text is a resident's letter that the sender passes on. Law: its writer says so, or writes as one would.

"I am a resident", "in your ward", or a letter to a councillor about the writer's own home. All text is folded.
"""

from __future__ import annotations

import re2

SAYS = re2.compile(
    r"\bi(?:'m| am) (?:a |an |one of )?(?:your |the |local |elderly |disabled |council )*"
    r"(?:residents?|constituents?|tenant|pensioner)\b"
    r"|\b(?:in|of) your (?:ward|division)\b|\bas (?:my|our) (?:local )?(?:ward )?councillor\b"
)
TO_COUNCILLOR = re2.compile(r"\b(?:dear|hello|hi|annwyl) (?:cllr|councillor|cyng|cynghorydd)\b")
AT_HOME = re2.compile(
    r"\b(?:my|our) (?:\w+ )?(?:flat|house|home|landlord|neighbours?|rent|bins?|drive|garden|benefits?|council tax"
    r"|tenancy|housing|blue badge|carer|kitchen|bathroom|ceiling|roof|heating|boiler|husband|wife|late husband"
    r"|disability)\b"
    r"|\b(?:outside|behind|opposite|near|by) (?:mine|ours)\b|\bi(?:'m| am) (?:at|from) (?:flat |no\.? )?\d"
    r"|\bi (?:live|have lived|rent|am disabled|am a (?:tenant|single|widow\w*|full[- ]time carer))\b"
)


def by_resident(folded: str) -> bool:
    """True where the writer tells that he is a resident of the councillor's ward."""
    if SAYS.search(folded):
        return True
    return TO_COUNCILLOR.search(folded) is not None and AT_HOME.search(folded) is not None
