"""Chat and SMS by providers: Apprise words the requests and reads the answers, our own door sends them."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from html import escape
from typing import NamedTuple

from apprise import NotifyFormat
from apprise.exception import AppriseException
from pydantic import BaseModel, ValidationError

from connectors.apprise_gate import PluginAttempt, under_way
from connectors.apprise_kinds import plugin_for
from connectors.channels import Letter, Undeliverable
from connectors.guarded_http import GuardedHttp
from domain.channels import channel as channels
from domain.channels.channel import AnyChannel

# Longer texts are cut: two SMS, half a minute of speech, and what the chats show in one piece.
LONGEST_SMS, LONGEST_CALL, LONGEST_CHAT, LONGEST_CARD = 300, 500, 3000, 900
# A text that quotes a customer must not wake everybody: an invisible space takes the call to all apart.
_TO_ALL, _SPLIT = re.compile(r"@(?=all\b|channel\b|here\b)", re.IGNORECASE), "@\u200b"
# Waiting plugins must not take the threads in which the door looks up names.
_THREADS = ThreadPoolExecutor(max_workers=16, thread_name_prefix="provider")


class Words(NamedTuple):
    title: str
    text: str
    format: NotifyFormat = NotifyFormat.TEXT


async def send_by_provider(channel: AnyChannel, address: str, letter: Letter, door: GuardedHttp) -> None:
    """Raises `Undeliverable` or `Unreached`."""
    try:
        plugin = plugin_for(channel, address)
    except AppriseException:
        # Its text repeats what was given, tokens too.
        raise Undeliverable("the provider cannot be asked with these settings") from None
    attempt = PluginAttempt(door, letter.digest)
    under_way.set(attempt)
    words = _words(channel, letter)
    send = partial(plugin.notify, title=words.title, body=words.text, body_format=words.format)
    took = await asyncio.get_running_loop().run_in_executor(_THREADS, copy_context().run, send)
    attempt.check(took=took and not _kept_back(channel, attempt.answer.body if attempt.answer else b""))


def _words(channel: AnyChannel, letter: Letter) -> Words:
    """Title and text; several plugins put a title before the text without minding what is in it."""
    whole = f"{letter.subject}\n\n{letter.text}"
    match channel:
        case channels.Twilio(method="call"):
            # What begins with a bracket would be taken for a script of the call.
            return Words(letter.subject, _cut(letter.text.lstrip("< \n"), LONGEST_CALL))
        case channels.Twilio() | channels.Sinch() | channels.ClickSend() | channels.Seven():
            return Words("", _cut(f"{letter.subject}\n{letter.text}", LONGEST_SMS))
        case channels.RocketChat() | channels.Mattermost():
            return Words("", _cut(_TO_ALL.sub(_SPLIT, whole), LONGEST_CARD))
        case channels.Telegram():
            # As plain text its plugin would let tags through.
            return Words("", escape(_cut(whole, LONGEST_CHAT), quote=False), NotifyFormat.HTML)
        case channels.MsTeams():
            return Words(letter.subject, _cut(letter.text, LONGEST_CARD))
    return Words(letter.subject, _cut(letter.text, LONGEST_CHAT))


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


class _SevenAnswer(BaseModel):
    success: str = "100"


class _ClickSendMessage(BaseModel):
    status: str = "SUCCESS"


class _ClickSendMessages(BaseModel):
    messages: tuple[_ClickSendMessage, ...] = ()


class _ClickSendAnswer(BaseModel):
    data: _ClickSendMessages = _ClickSendMessages()


def _kept_back(channel: AnyChannel, body: bytes) -> bool:
    """Two providers answer 200 also when the credit is used up or the number is none, which Apprise passes over."""
    try:
        match channel:
            case channels.Seven():
                return _SevenAnswer.model_validate_json(body).success != "100"
            case channels.ClickSend():
                messages = _ClickSendAnswer.model_validate_json(body).data.messages
                return any(message.status != "SUCCESS" for message in messages)
    except ValidationError:
        pass
    return False
