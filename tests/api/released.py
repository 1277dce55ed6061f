"""The OpenAPI document of the last release; `make openapi` writes it anew at a release."""

import json
from pathlib import Path
from typing import Any

from api.app import create_app
from settings import Settings

RELEASED = Path(__file__).parents[2] / "docs" / "openapi.json"


def released() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(RELEASED.read_text())
    return document


def release() -> None:
    RELEASED.write_text(json.dumps(create_app(Settings()).openapi(), ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    release()
