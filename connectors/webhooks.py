"""Letters as signed webhooks (Standard Webhooks); a repeat bears the same id."""

import json
from datetime import UTC, datetime

from standardwebhooks import Webhook as Signature

from connectors.channels import Letter
from connectors.guarded_http import GuardedHttp, taken
from domain.channels.channel import Webhook


async def send_webhook(channel: Webhook, letter: Letter, door: GuardedHttp) -> None:
    """Raises `Undeliverable` or `Unreached`."""
    now = datetime.now(UTC)
    facts = letter.model_dump(include={"key", "person", "language", "subject", "text"})
    body = json.dumps({"type": "message", "timestamp": now.isoformat(), "data": facts}, ensure_ascii=False)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": letter.digest,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Signature(channel.secret.get_secret_value()).sign(letter.digest, now, body),
    }
    taken(await door.ask("POST", channel.url, headers=headers, content=body.encode()))
