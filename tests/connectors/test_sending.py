"""A letter by each kind of channel, against a server that answers as providers do."""

import json
import logging
import logging.config
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from standardwebhooks import Webhook as Signature
from standardwebhooks import WebhookVerificationError

from connectors.channels import Letter, Undeliverable, Unreached
from connectors.guarded_http import PUBLIC, Answer, GuardedHttp
from connectors.sending import send_by
from domain.channels.channel import CHANNEL, AnyChannel
from tests.http_sink import HttpSink, Received

SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TOKEN = "Abcdefghijklmnop1234567890"
LETTER = Letter(
    key="page:I-1/1/p-koch",
    person="p-koch",
    name="Eva Koch",
    email="eva.koch@provider.example",
    language="de",
    subject="Störung I-1: <!channel> @all Blocker",
    text="Guten Tag,\n\nder Server in <b>B</b> & C steht. @channel\n",
)
PHONE = "+4915112345678"


class SinkDoor(GuardedHttp):
    """Leads to the sink whatever provider is meant, and to nothing else; asks as the real one does."""

    def __init__(self, sink: HttpSink) -> None:
        super().__init__(allowed=("127.0.0.1",))
        # A frozen dataclass keeps no further fields the usual way.
        vars(self).update(sink=sink, meant=[])

    async def ask(self, method: str, url: str, *, headers: Mapping[str, str], content: bytes) -> Answer:
        sink: HttpSink = vars(self)["sink"]
        parts = urlsplit(url)
        vars(self)["meant"].append(f"{parts.scheme}://{parts.netloc}")
        target = parts._replace(scheme="http", netloc=f"127.0.0.1:{sink.port}").geturl()
        return await super().ask(method, target, headers=headers, content=content)


def channel(kind: str, **fields: object) -> AnyChannel:
    return CHANNEL.validate_python({"id": "it", "name": "IT", "type": kind} | fields)


async def sent(sink: HttpSink, by: AnyChannel, address: str = "", letter: Letter = LETTER) -> tuple[str, Received]:
    """Where it was meant to go, and the one request that was made."""
    door = SinkDoor(sink)
    async with sink.open():
        await send_by(by, address, letter, door)
    (meant,) = vars(door)["meant"]
    (received,) = sink.received
    return meant, received


SERVER = "https://chat.example.org"
BY: dict[str, tuple[AnyChannel, str]] = {
    "slack": (channel("slack", token=f"xoxb-{TOKEN}"), "U012AB3CD"),
    "msteams": (channel("msteams", url=SERVER, workflow="a1b2c3d4e5", signature=TOKEN), ""),
    "mattermost": (channel("mattermost", url=f"{SERVER}/chat", token=TOKEN), "4xp9fdt77pncbef59f4k1qe83o"),
    "rocketchat": (channel("rocketchat", url=SERVER, token="abcdefgh12/defghijkl34"), "@anna.vogel"),
    "telegram": (channel("telegram", token=f"123456789:{'A' * 35}"), "-100123456789"),
    "ntfy": (channel("ntfy", url=f"{SERVER}:8443", token=TOKEN), "oncall-anna"),
    "gotify": (channel("gotify", url=f"{SERVER}/push", token=TOKEN), ""),
    "twilio": (channel("twilio", account=f"AC{'0' * 32}", token="a" * 32, sender="+4930123456789"), PHONE),
    "twilio call": (
        channel("twilio", account=f"AC{'0' * 32}", token="a" * 32, sender="+4930123456789", method="call"),
        PHONE,
    ),
    "sinch": (channel("sinch", plan="a1b2c3d4", token="e5f60718", sender="+4930123456789"), PHONE),
    "clicksend": (channel("clicksend", user="it%41@provider.example", key=TOKEN), PHONE),
    "seven": (channel("seven", key=TOKEN, sender="imacflow"), PHONE),
    "matrix": (channel("matrix", url=SERVER, token=TOKEN), "!abc:example.org"),
    "webhook": (channel("webhook", url=f"{SERVER}/in?team=it", secret=SIGNING), ""),
}
TAKEN = [
    pytest.param(
        "slack", (200, '{"ok": true}'), ("https://slack.com", "/api/chat.postMessage", "U012AB3CD"), id="slack"
    ),
    pytest.param(
        "msteams",
        (202, ""),
        (SERVER, "/workflows/a1b2c3d4e5/triggers/manual/paths/invoke", "AdaptiveCard"),
        id="msteams",
    ),
    pytest.param(
        "mattermost", (201, "{}"), (SERVER, "/chat/api/v4/posts", "4xp9fdt77pncbef59f4k1qe83o"), id="mattermost"
    ),
    pytest.param("rocketchat", (200, "{}"), (SERVER, "/hooks/abcdefgh12/defghijkl34", "@anna.vogel"), id="rocketchat"),
    pytest.param(
        "telegram",
        (200, "{}"),
        ("https://api.telegram.org", f"/bot123456789:{'A' * 35}/sendMessage", "-100123456789"),
        id="telegram",
    ),
    pytest.param("ntfy", (200, "{}"), (f"{SERVER}:8443", "/", "oncall-anna"), id="ntfy"),
    pytest.param("gotify", (200, "{}"), (SERVER, "/push/message", "priority"), id="gotify"),
    pytest.param(
        "twilio",
        (201, "{}"),
        ("https://api.twilio.com", f"/2010-04-01/Accounts/AC{'0' * 32}/Messages.json", "To=%2B4915112345678"),
        id="twilio",
    ),
    pytest.param(
        "twilio call",
        (201, "{}"),
        ("https://api.twilio.com", f"/2010-04-01/Accounts/AC{'0' * 32}/Calls.json", "Twiml="),
        id="twilio call",
    ),
    pytest.param("sinch", (201, "{}"), ("https://eu.sms.api.sinch.com", "/xms/v1/a1b2c3d4/batches", PHONE), id="sinch"),
    pytest.param(
        "clicksend",
        (200, '{"data": {"messages": [{"status": "SUCCESS"}]}}'),
        ("https://rest.clicksend.com", "/v3/sms/send", PHONE),
        id="clicksend",
    ),
    pytest.param("seven", (200, '{"success": "100"}'), ("https://gateway.seven.io", "/api/sms", PHONE), id="seven"),
    pytest.param(
        "matrix",
        (200, "{}"),
        (SERVER, f"/_matrix/client/v3/rooms/%21abc%3Aexample.org/send/m.room.message/{LETTER.digest}", "m.text"),
        id="matrix",
    ),
    pytest.param("webhook", (204, ""), (SERVER, "/in?team=it", LETTER.key), id="webhook"),
]


@pytest.mark.parametrize(("kind", "answer", "expected"), TAKEN)
async def test_a_letter_reaches_its_provider_once_under_its_key(
    kind: str, answer: tuple[int, str], expected: tuple[str, str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server, path, inside = expected
    by, address = BY[kind]

    meant, received = await sent(HttpSink(status=answer[0], body=answer[1].encode()), by, address)

    assert (meant, received.target.partition("?")[0]) == (server, path.partition("?")[0])
    assert inside in received.body.decode()
    keys = (received.headers.get(name) for name in ("idempotency-key", "webhook-id"))
    assert LETTER.digest in (*keys, received.target.rpartition("/")[2])
    for text in (TOKEN, "a" * 32, "A" * 35, "e5f60718", SIGNING, PHONE, LETTER.subject):
        assert text not in caplog.text


@pytest.mark.parametrize("kind", BY)
async def test_a_refusal_says_whether_it_is_worth_trying_again(kind: str) -> None:
    for status, raised in ((401, Undeliverable), (302, Undeliverable), (429, Unreached), (503, Unreached)):
        sink = HttpSink(status=status, headers={"Retry-After": "90", "Location": "http://127.0.0.1:9/"})

        with pytest.raises(raised, match=f"^answered with {status}$") as caught:
            await sent(sink, *BY[kind])

        assert len(sink.received) == 1
        if isinstance(caught.value, Unreached):
            assert caught.value.retry_after == timedelta(seconds=90)


@pytest.mark.parametrize(
    ("by", "body"),
    [
        pytest.param(channel("slack", token=f"xoxb-{TOKEN}"), '{"ok": false, "error": "not_in_channel"}', id="slack"),
        pytest.param(channel("seven", key=TOKEN), '{"success": "500"}', id="seven without credit"),
        pytest.param(
            channel("clicksend", user="it", key=TOKEN),
            '{"data": {"messages": [{"status": "INVALID_RECIPIENT"}]}}',
            id="clicksend without a recipient",
        ),
    ],
)
async def test_a_provider_that_says_yes_and_means_no(by: AnyChannel, body: str) -> None:
    address = "U012AB3CD" if by.type == "slack" else PHONE

    with pytest.raises(Undeliverable, match="did not take it"):
        await sent(HttpSink(body=body.encode()), by, address)


@pytest.mark.parametrize(
    "by",
    [
        channel("webhook", url="http://127.0.0.1:9/in", secret=SIGNING),
        channel("mattermost", url="http://localhost:9", token=TOKEN),
        channel("gotify", url="http://169.254.169.254", token=TOKEN),
    ],
    ids=["own request", "by Apprise", "the metadata of the cloud"],
)
async def test_private_hosts_are_refused_when_sending_too(by: AnyChannel) -> None:
    address = "4xp9fdt77pncbef59f4k1qe83o" if by.type == "mattermost" else ""

    with pytest.raises(Undeliverable, match="private net"):
        await send_by(by, address, LETTER, PUBLIC)


async def test_an_address_that_no_longer_fits_goes_nowhere() -> None:
    with pytest.raises(Undeliverable, match="address"):
        await sent(HttpSink(), channel("seven", key=TOKEN), f"{PHONE},+4915187654321")


async def test_a_webhook_is_signed_and_a_repeat_is_known_again() -> None:
    hook = channel("webhook", url=f"{SERVER}/in", secret=SIGNING)
    letters = (LETTER, LETTER, LETTER.but(person="p-lang"))
    first, again, other = [(await sent(HttpSink(), hook, "", letter))[1] for letter in letters]

    assert first.headers["webhook-id"] == again.headers["webhook-id"] != other.headers["webhook-id"]
    verified = Signature(SIGNING).verify(first.body, first.headers)
    assert verified["data"] == {
        "key": LETTER.key,
        "person": LETTER.person,
        "language": "de",
        "subject": LETTER.subject,
        "text": LETTER.text,
    }
    with pytest.raises(WebhookVerificationError):
        Signature(SIGNING).verify(first.body.replace(b"p-koch", b"p-lang"), first.headers)


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("slack", "&lt;!channel&gt;"),
        ("mattermost", "@\u200ball"),
        ("telegram", "&lt;b&gt;B&lt;/b&gt; &amp; C"),
        ("matrix", '"m.mentions": {}'),
    ],
)
async def test_what_a_text_quotes_calls_nobody_and_formats_nothing(kind: str, written: str) -> None:
    _, received = await sent(HttpSink(body=b'{"ok": true}'), *BY[kind])

    assert written in json.dumps(json.loads(received.body), ensure_ascii=False)


async def test_long_letters_become_short_messages() -> None:
    long = LETTER.but(text="Wort " * 1000)

    _, sms = await sent(HttpSink(body=b'{"success": "100"}'), channel("seven", key=TOKEN), PHONE, long)
    _, call = await sent(HttpSink(status=201), *BY["twilio call"], long)

    text = json.loads(sms.body)["text"]
    assert text.startswith(f"{LETTER.subject}\nWort Wort")
    assert (len(text), text[-1]) == (300, "…")
    assert len(parse_qs(call.body.decode())["Twiml"][0]) < 700


def test_whoever_configures_logging_does_not_make_letters_readable(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.config.dictConfig({"version": 1, "disable_existing_loggers": False})

    logging.getLogger("apprise").debug(LETTER.subject)

    assert LETTER.subject not in caplog.text
