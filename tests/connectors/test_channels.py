"""Letters leave by mail or into a folder: readable, known again when they come twice, without foreign headers."""

from email import message_from_bytes, policy
from pathlib import Path

import pytest

from connectors.channels import Letter, OutboxChannel, Undeliverable, Unreached, mail
from tests.mail_sink import Sink

LETTER = Letter(
    key="notice:O-1/order_received/1",
    person="p-vogel",
    name="Änne Vögel",
    email="anna.vogel@adler.example",
    language="de",
    subject="Auftrag O-1: Prüfung",
    text="Guten Tag Änne Vögel,\n\nalles Größere folgt.\n",
)


@pytest.mark.parametrize(
    "subject",
    [
        "Auftrag O-1: Prüfung für Straße „Süd“",
        "Auftrag O-TEST-00001: Einsatz am Dienstag, 24. November 2026, 20:15–22:15 Uhr (MEZ)",
        "Order O-1: completed",
        "ß" * 150,
        "Ihr Zeichen " + "lang " * 40 + "Ende",
    ],
    ids=["umlauts", "long with a dash", "plain", "long without a gap", "long"],
)
async def test_subject_name_and_text_arrive_as_they_were_written(subject: str) -> None:
    sink = Sink()

    async with sink.open():
        await sink.channel.send(LETTER.but(subject=subject))

    (received,) = sink.mails
    assert received["Subject"] == subject
    assert received["To"].addresses[0].display_name == "Änne Vögel"
    assert received.get_content().replace("\r\n", "\n") == LETTER.text
    assert sink.receivers == ["anna.vogel@adler.example"]


async def test_a_letter_sent_twice_bears_the_same_message_id_and_says_that_a_machine_wrote_it() -> None:
    sink = Sink()

    async with sink.open():
        await sink.channel.send(LETTER)
        await sink.channel.send(LETTER)
        await sink.channel.send(LETTER.but(person="p-huber"))

    first, again, other = (received["Message-ID"] for received in sink.mails)
    assert first == again != other
    assert first.endswith("@provider.example>")
    assert {received["Auto-Submitted"] for received in sink.mails} == {"auto-generated"}


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        pytest.param("550 5.1.1 no such user", Undeliverable, id="refused for good"),
        pytest.param("451 4.2.1 try later", Unreached, id="refused for now"),
    ],
)
async def test_a_refused_recipient(answer: str, raised: type[Exception]) -> None:
    sink = Sink()
    sink.answers[LETTER.email] = answer

    async with sink.open():
        with pytest.raises(raised, match=answer[:3]):
            await sink.channel.send(LETTER)


async def test_a_mail_server_that_is_away_is_tried_again() -> None:
    sink = Sink()
    async with sink.open():
        pass

    with pytest.raises(Unreached):
        await sink.channel.send(LETTER)


async def test_a_mail_server_without_encryption_gets_no_letter_when_encryption_is_asked_for() -> None:
    sink = Sink()

    async with sink.open():
        channel = type(sink.channel)(host="127.0.0.1", port=sink.port, sender="it@provider.example")
        with pytest.raises(Unreached):
            await channel.send(LETTER)

    assert sink.mails == []


@pytest.mark.parametrize("separator", ["\n", "\r\n", "\r", "\x0b", "\x85", "\u2028"], ids=repr)
def test_nothing_a_letter_says_becomes_a_header(separator: str) -> None:
    foreign = f"Bcc: boss@evil.example{separator}{separator}Pay now"
    letter = LETTER.but(subject=f"Auftrag{separator}{foreign}", name=f"Anna{separator}{foreign}")

    received = message_from_bytes(mail(letter, "it@provider.example").as_bytes(), policy=policy.default)

    assert received["Bcc"] is None
    assert received["Subject"] == "Auftrag Bcc: boss@evil.example Pay now"
    assert received["To"].addresses[0].addr_spec == LETTER.email
    assert len(received["To"].addresses) == 1


@pytest.mark.parametrize("address", ["a,b@adler.example", "änne@adler.example", "x@.example", "<a@adler.example"])
def test_an_impossible_address_is_undeliverable(address: str) -> None:
    with pytest.raises(Undeliverable):
        mail(LETTER.but(email=address), "it@provider.example")


def test_a_domain_with_umlauts_is_written_as_the_net_knows_it() -> None:
    letter = LETTER.but(email="anna@müller.example", name="Anna")

    assert mail(letter, "it@x.example")["To"] == "Anna <anna@xn--mller-kva.example>"


async def test_the_outbox_keeps_one_file_per_letter(tmp_path: Path) -> None:
    outbox = OutboxChannel(folder=tmp_path / "outbox", sender="it@provider.example")

    await outbox.send(LETTER)
    await outbox.send(LETTER)
    await outbox.send(LETTER.but(key="notice:O-1/../../etc/passwd/2"))

    files = sorted((tmp_path / "outbox").iterdir())
    assert [file.name.rpartition(".")[0].rpartition(".")[0] for file in files] == [
        "notice-O-1-..-..-etc-passwd-2",
        "notice-O-1-order_received-1",
    ]
    received = message_from_bytes(files[1].read_bytes(), policy=policy.default)
    assert received["Subject"] == LETTER.subject


async def test_an_outbox_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("not a folder")

    with pytest.raises(Unreached):
        await OutboxChannel(folder=tmp_path / "outbox", sender="it@provider.example").send(LETTER)
