"""`DATABASE_URL` of SQLite."""

from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from app.core.config import ConfigurationError
from app.db.dialects.sqlite import prepare_url

ROOT = Path(__file__).parents[2]


class TestPrepareUrl:
    @pytest.mark.parametrize("path", ["app.db", "./app.db"])
    def test_relative_path_begins_at_the_project(self, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir("/")

        url, _ = prepare_url(make_url(f"sqlite+aiosqlite:///{path}"))

        assert Path(url.database or "") == ROOT / "app.db"

    def test_absolute_path_is_not_changed(self, tmp_path: Path) -> None:
        url, _ = prepare_url(make_url(f"sqlite+aiosqlite:///{tmp_path}/app.db"))

        assert Path(url.database or "") == tmp_path / "app.db"

    def test_timeout_is_a_number(self) -> None:
        assert prepare_url(make_url("sqlite+aiosqlite:///app.db?timeout=2.5"))[1] == {"timeout": 2.5}

    @pytest.mark.parametrize(
        "url",
        [
            "sqlite+aiosqlite://",
            "sqlite+aiosqlite:///:memory:",
            "sqlite+aiosqlite:///app.db?mode=ro",
            "sqlite+aiosqlite:///app.db?timeout=soon",
        ],
    )
    def test_url_that_would_not_work_is_refused(self, url: str) -> None:
        with pytest.raises(ConfigurationError, match="DATABASE_URL: "):
            prepare_url(make_url(url))
