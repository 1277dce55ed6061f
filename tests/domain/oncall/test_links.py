"""A link answers for one person and one round, for a while, and only if we have signed it."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.oncall.links import PageLink, read_link, signed
from domain.refusals import Refused

NOW = datetime(2027, 11, 22, 20, tzinfo=UTC)
LINK = PageLink(incident="I-AAAAA-BBBBB", page=1, round=2, person="p-lang", expires_at=NOW + timedelta(days=1))
TEXT = signed(LINK, "our secret")


def test_a_link_is_read_as_it_was_written_and_fits_into_a_text_message() -> None:
    assert read_link(TEXT, "our secret", NOW) == LINK
    assert len(TEXT) < 80


@pytest.mark.parametrize(
    ("text", "secret", "at", "code"),
    [
        pytest.param(TEXT, "another secret", NOW, "link_wrong", id="signed by somebody else"),
        pytest.param(TEXT.replace("p-lang", "p-koch"), "our secret", NOW, "link_wrong", id="another person"),
        pytest.param(TEXT.replace("~2~", "~3~"), "our secret", NOW, "link_wrong", id="another round"),
        pytest.param(TEXT[:-1], "our secret", NOW, "link_wrong", id="cut short"),
        pytest.param(f"{TEXT}.", "our secret", NOW, "link_wrong", id="with the full stop of its sentence"),
        pytest.param(TEXT[:-1] + "ü", "our secret", NOW, "link_wrong", id="with a letter no link has"),
        pytest.param("", "our secret", NOW, "link_wrong", id="nothing at all"),
        pytest.param(TEXT, "our secret", NOW + timedelta(days=1), "link_expired", id="too old"),
    ],
)
def test_any_other_link_is_refused(text: str, secret: str, at: datetime, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_link(text, secret, at)

    assert [problem.code for problem in refused.value.problems] == [code]


def test_each_round_and_person_has_one_answer() -> None:
    links = [LINK, LINK.but(round=3), LINK.but(page=2), LINK.but(person="p-koch"), LINK.but(incident="I-C")]

    assert len({link.request_id for link in links}) == len(links)
    assert LINK.but(expires_at=NOW).request_id == LINK.request_id
