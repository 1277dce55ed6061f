"""What erasing by a standard comes to in the three methods of NIST SP 800-88 Rev. 2, by the name a tool gives it.

Overwriting, however often, is no more than clear (SP 800-88 and IEEE 2883): hidden areas are not reached. A purge is
what calls itself one; whoever knows better records it by hand and answers for it.
"""

import re

from domain.contracts.chains import ErasureMethod

# Of SP 800-88 each revision, and nothing that only speaks of it.
_NAMED = re.compile(r"800-88\b.*\b(clear|purge|destroy)\b")
# As nwipe and Blancco call them. What only verifies (`Verify Zeros`) erases nothing.
_OVERWRITING = re.compile(
    r"^(?!verify)(?=.*(?:fill with|prng stream|gutmann|dod|5220\.22|ops-?ii|hmg|infosec standard|schneier|bmb21"
    r"|overwrit|zeros, lower standard|vsitr|bsi))"
)


def method_of(standard: str) -> ErasureMethod | None:
    """None where the name does not say."""
    name = " ".join(standard.lower().split())
    if named := _NAMED.search(name):
        return ErasureMethod(named[1])
    return ErasureMethod.CLEAR if _OVERWRITING.match(name) else None
