"""Jobs of vendors: which of them is the one that counts, and under which number the next is given out."""

from datetime import timedelta
from typing import NamedTuple

import pytest

from domain.kinds import OrderKind
from domain.orders.progress import Progress, begin
from domain.vendors.jobs import JobStatus, VendorJob
from tests.domain.orders.paper import MONDAY, placed


class Told(NamedTuple):
    """When it was asked, and when it was accepted: minutes since nine."""

    status: JobStatus
    asked: int
    accepted: int | None = None


def given_out(*told: Told) -> Progress:
    jobs = tuple(
        VendorJob(
            no=no,
            asked_at=MONDAY + timedelta(minutes=one.asked),
            status=one.status,
            accepted_at=None if one.accepted is None else MONDAY + timedelta(minutes=one.accepted),
        )
        for no, one in enumerate(told, 1)
    )
    return begin(placed(OrderKind.CHANGE), ()).but(jobs=jobs)


SILENT, CALLED_OFF = JobStatus.NO_ANSWER, JobStatus.CALLED_OFF


@pytest.mark.parametrize(
    ("told", "no"),
    [
        pytest.param([Told(SILENT, 0), Told(JobStatus.OFFERED, 60)], 2, id="who is asked now"),
        pytest.param([Told(JobStatus.DECLINED, 0), Told(JobStatus.NOBODY, 5)], 2, id="nobody is left"),
        pytest.param([Told(JobStatus.DECLINED, 0, 5), Told(JobStatus.NOBODY, 5)], 2, id="asked as another turned away"),
        pytest.param([Told(JobStatus.ACCEPTED, 0, 70), Told(CALLED_OFF, 60)], 1, id="who came late has it"),
        pytest.param([Told(JobStatus.DECLINED, 0, 70), Told(CALLED_OFF, 60)], 1, id="who came late turned away"),
        pytest.param(
            [Told(JobStatus.DECLINED, 0, 70), Told(CALLED_OFF, 60), Told(JobStatus.NOBODY, 80)],
            3,
            id="and nobody was left then",
        ),
        pytest.param(
            [Told(CALLED_OFF, 0, 200), Told(JobStatus.DECLINED, 60, 190), Told(SILENT, 120)],
            1,
            id="two came late, one after the other",
        ),
        pytest.param(
            [Told(JobStatus.DECLINED, 0, 150), Told(SILENT, 60), Told(CALLED_OFF, 120)],
            1,
            id="who came late after two others",
        ),
    ],
)
def test_the_job_that_counts_is_the_open_one_or_the_one_that_ended_last(told: list[Told], no: int) -> None:
    job = given_out(*told).job_at(None)

    assert job is not None
    assert job.no == no


def test_the_next_job_takes_the_number_of_none_that_was_called_off() -> None:
    progress = given_out(Told(JobStatus.DECLINED, 0, 70), Told(CALLED_OFF, 60))

    following = progress.with_job(VendorJob(no=progress.next_job, asked_at=MONDAY))

    assert [(job.no, job.status) for job in following.jobs] == [
        (1, JobStatus.DECLINED),
        (2, CALLED_OFF),
        (3, JobStatus.SEEKING),
    ]


def test_without_jobs_none_counts_and_the_first_is_number_one() -> None:
    progress = given_out()

    assert (progress.job_at(None), progress.job_at("work"), progress.next_job) == (None, None, 1)
