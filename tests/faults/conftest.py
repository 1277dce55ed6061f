from collections.abc import Iterator

import pytest

from tests.faults.forked import stop_forking


@pytest.fixture(scope="session", autouse=True)
def _forks() -> Iterator[None]:
    yield
    stop_forking()
