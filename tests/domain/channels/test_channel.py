"""Channels are what their kind needs and nothing else; people are reached where they said, and by mail at last."""

import json

import pytest
from pydantic import ValidationError

from domain.channels.channel import CHANNEL, MAIL, TO_KEEP, AnyChannel, Mail
from domain.channels.contacts import contact_problems, ways_to
from domain.people import Contact, Person

SECRET = "xoxb-1234567890-abcdefghijkl"
SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def channel(**fields: object) -> AnyChannel:
    return CHANNEL.validate_python({"id": "it", "name": "IT"} | fields)


SLACK = channel(type="slack", id="chat", token=SECRET)
SMS = channel(type="seven", id="sms", key="ABCD11112222")
HOOK = channel(type="webhook", id="hook", url="https://duty.example.org/in?x=1", secret=SIGNING)
KNOWN = {MAIL: Mail(id=MAIL, name="mail"), "chat": SLACK, "sms": SMS, "hook": HOOK}


def person(*contacts: tuple[str, str]) -> Person:
    reached = tuple(Contact(channel=named, address=address) for named, address in contacts)
    return Person(id="p-koch", name="Eva Koch", email="eva.koch@provider.example", contacts=reached)


def test_secrets_are_shown_to_nobody_and_kept_only_where_that_is_asked_for() -> None:
    for shown in (repr(SLACK), str(SLACK), SLACK.model_dump_json(), json.dumps(SLACK.model_dump(mode="json"))):
        assert SECRET not in shown
        assert "*****" in shown

    kept = SLACK.model_dump_json(context=TO_KEEP)

    assert CHANNEL.validate_json(kept) == SLACK
    assert SECRET in kept


def test_what_was_shown_cannot_be_saved_as_the_secret() -> None:
    with pytest.raises(ValidationError) as raised:
        CHANNEL.validate_python(SLACK.model_dump(mode="json"))

    assert [fault["loc"] for fault in raised.value.errors()] == [("slack", "token")]


def test_an_error_repeats_nothing_of_what_was_given() -> None:
    with pytest.raises(ValidationError) as raised:
        channel(type="slack", token=f"wrong {SECRET}", colour=SECRET)

    assert SECRET not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("ftp://files.example.org", id="another scheme"),
        pytest.param("file:///etc/passwd", id="a file"),
        pytest.param("https://user:pw@chat.example.org", id="with a user name"),
        pytest.param("https://chat.example.org#x", id="with a fragment"),
        pytest.param("https://chat.example.org:99999", id="with a port there is not"),
        pytest.param("https://chat.example.org\\@10.0.0.1", id="with a backslash"),
        pytest.param("https://chat.example.org/%2e%2e/admin", id="with something quoted"),
        pytest.param("slack://token", id="of Apprise"),
        pytest.param("//chat.example.org", id="without a scheme"),
    ],
)
def test_an_address_of_a_server_that_is_not_taken(url: str) -> None:
    with pytest.raises(ValidationError):
        channel(type="gotify", url=url, token="Abcdefghijklmno")


@pytest.mark.parametrize(
    ("contacts", "problems"),
    [
        pytest.param([("chat", "U012AB3CD"), ("sms", "+4915112345678"), ("hook", "")], [], id="all in order"),
        pytest.param([("mail", ""), ("chat", "U012AB3CD")], [], id="mail to the usual address"),
        pytest.param([("sms", "+4915112345678"), ("sms", "+4915187654321")], [], id="two numbers, one after the other"),
        pytest.param([("fax", "+4915112345678")], [("channel_unknown", "/contacts/0/channel")], id="unknown channel"),
        pytest.param([("sms", "0151 12345678")], [("address_wrong", "/contacts/0/address")], id="number without +49"),
        pytest.param([("sms", "")], [("address_wrong", "/contacts/0/address")], id="no number"),
        pytest.param(
            [("sms", "+49151,+4915112345678")], [("address_wrong", "/contacts/0/address")], id="two numbers in one"
        ),
        pytest.param([("chat", "@anna")], [("address_wrong", "/contacts/0/address")], id="name instead of id"),
        pytest.param([("mail", "eva")], [("address_wrong", "/contacts/0/address")], id="no mail address"),
        pytest.param([("hook", "x")], [("address_needless", "/contacts/0/address")], id="address for a webhook"),
        pytest.param(
            [("sms", "+4915112345678"), ("fax", ""), ("sms", "nobody"), ("sms", "+4915112345678")],
            [
                ("channel_unknown", "/contacts/1/channel"),
                ("address_wrong", "/contacts/2/address"),
                ("contact_twice", "/contacts/3"),
            ],
            id="all that is wrong at once",
        ),
    ],
)
def test_contacts(contacts: list[tuple[str, str]], problems: list[tuple[str, str]]) -> None:
    found = contact_problems(person(*contacts), KNOWN)

    assert [(problem.code, problem.at) for problem in found] == problems


OWN = "eva.koch@provider.example"


@pytest.mark.parametrize(
    ("channels", "ways"),
    [
        pytest.param((), [("mail", OWN)], id="nothing asked for"),
        pytest.param(("sms",), [("sms", "+4915112345678"), ("mail", OWN)], id="one channel, then mail"),
        pytest.param(
            ("chat", "sms"), [("sms", "+4915112345678"), ("chat", "U012AB3CD"), ("mail", OWN)], id="in her order"
        ),
        pytest.param(("hook",), [("mail", OWN)], id="a channel she is not on"),
    ],
)
def test_ways_to_a_person(channels: tuple[str, ...], ways: list[tuple[str, str]]) -> None:
    eva = person(("sms", "+4915112345678"), ("chat", "U012AB3CD"))

    assert [(way.channel, way.address) for way in ways_to(eva, channels)] == ways


def test_mail_stands_where_the_person_put_it() -> None:
    eva = person(("mail", ""), ("sms", "+4915112345678"))

    assert [(way.channel, way.address) for way in ways_to(eva, ("sms", "mail"))] == [
        ("mail", OWN),
        ("sms", "+4915112345678"),
    ]
