"""Letters as messages in Matrix rooms; the server knows a repeat by its transaction id."""

import json
from urllib.parse import quote

from connectors.channels import Letter
from connectors.guarded_http import GuardedHttp, taken
from domain.channels.channel import MatrixChat


async def send_to_room(channel: MatrixChat, room: str, letter: Letter, door: GuardedHttp) -> None:
    """Raises `Undeliverable` or `Unreached`."""
    path = f"/_matrix/client/v3/rooms/{quote(room, safe='')}/send/m.room.message/{letter.digest}"
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {channel.token.get_secret_value()}"}
    # Nobody is mentioned, whatever names a text holds.
    message = {"msgtype": "m.text", "body": f"{letter.subject}\n\n{letter.text}", "m.mentions": {}}
    body = json.dumps(message, ensure_ascii=False)
    taken(await door.ask("PUT", channel.url.rstrip("/") + path, headers=headers, content=body.encode()))
