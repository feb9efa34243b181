"""The texts of mails are files that an owner edits."""

import shutil
from pathlib import Path

import pytest

from app.core import mail
from app.core.config import ConfigurationError, Settings
from app.core.mail import TEXTS, Mailer, Note
from app.core.security.action_tokens import Action

NAMES = [*Action, *Note]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = tmp_path / "mails"
    shutil.copytree(TEXTS, copy)
    monkeypatch.setattr(mail, "TEXTS", copy)
    return copy


def test_every_file_is_sent() -> None:
    assert {path.stem for path in TEXTS.glob("*.txt")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_text_may_be_replaced(folder: Path, settings: Settings, name: Action | Note) -> None:
    link = "" if isinstance(name, Note) else "$link"
    (folder / f"{name}.txt").write_text(f"Subject: Grüße von $app_name\n\n{link} für $$5 bei ${{app_name}}\n", "utf-8")

    Mailer(settings)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello\n\n$link",
        "Subject: x\n$link",
        "Subject: x\n\nwithout it\n",
        "Subject: x\n\n$link $first_name\n",
        "Subject: $link\n\n$link\n",
        "Subject: x\n\n$link costs $5\n",
    ],
)
def test_a_text_that_cannot_be_sent_is_refused_at_the_start(folder: Path, settings: Settings, text: str) -> None:
    (folder / "verify_email.txt").write_text(text, "utf-8")

    with pytest.raises(ConfigurationError, match=r"^app/mails/verify_email.txt: must be"):
        Mailer(settings)


def test_a_note_has_no_link(folder: Path, settings: Settings) -> None:
    (folder / "email_has_account.txt").write_text("Subject: x\n\n$link\n", "utf-8")

    with pytest.raises(ConfigurationError, match="email_has_account"):
        Mailer(settings)


def test_a_missing_file_is_refused(folder: Path, settings: Settings) -> None:
    (folder / "change_email.txt").unlink()

    with pytest.raises(ConfigurationError, match="change_email"):
        Mailer(settings)
