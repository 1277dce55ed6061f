from tests.stories.conftest import stage

__all__ = ["stage"]
