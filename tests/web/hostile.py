"""What nobody should be able to do to a page by writing it somewhere, and a customer who has written nothing else."""

import json

from connectors.contract_files import read_customer_file

SCRIPTS = "</script><script>alert(1)</script>{{7*7}}${7*7}<%=7*7%>'\"><img src=x onerror=alert(1)><svg onload=alert(1)>"
LINKS = "javascript:alert(1)//<a href='javascript:alert(1)' onclick=alert(1) style='position:fixed;inset:0'>x</a>"
# Turned round, without width, piled up, and without a place to break it.
SIGNS = "\u202eevil\u2066\u200b\u200d\ufeff" + "a\u0301\u0302\u0303" * 5 + "W" * 60
HOSTILE = f"{SIGNS[:20]}{SCRIPTS}"
# 64 kB as they are sent.
HUGE = ((SIGNS + SCRIPTS + LINKS) * 200).encode()[: 64 * 1024].decode(errors="ignore")
# Everybody of this customer, and everything of theirs.
CUSTOMER, CONTRACT, SITE = "falke", "falke-2026", "falke-hq"


def hostile_customer(example: bytes) -> str:
    """The example customer under other ids, with such texts wherever a text may stand."""
    read = read_customer_file(example).model_dump_json(exclude_unset=True)
    for ours, theirs in (("adler", CUSTOMER), ("p-", "h-"), ("nordlicht", "nordlicht-h")):
        read = read.replace(f'"{ours}', f'"{theirs}')
    spoiled = _spoiled(json.loads(read))
    return json.dumps(spoiled)


def _spoiled(value: object, name: str = "") -> object:
    match value:
        case dict():
            return {key: _spoiled(below, key) for key, below in value.items()}
        case list():
            return [_spoiled(below, name) for below in value]
        case str() if name in ("name", "de", "en", "address", "why"):
            return f"{value[:20]} {HOSTILE}"
    return value
