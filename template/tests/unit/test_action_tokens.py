"""The tokens of links in mails."""

from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from app.core.security import base64url
from app.core.security.action_tokens import PREFIX, Action, ActionTokens, InvalidActionToken
from app.core.security.refresh_tokens import RefreshClaim, RefreshTokens

OLD = SecretStr("the first key of thirty-two bytes or more")
NEW = SecretStr("the second key of thirty-two bytes or more")
TOKENS = ActionTokens([OLD])


class SomeAccount(NamedTuple):
    public_id: UUID = uuid4()
    email: str = "ada@example.com"
    email_verified_at: datetime | None = None
    auth_epoch: int = 0


ADA = SomeAccount()
TOKEN = TOKENS.issue(Action.CHANGE_EMAIL, ADA, "new@example.com")


class TestRead:
    @given(st.sampled_from(list(Action)), st.uuids(), st.emails())
    def test_claim_is_read_back(self, action: Action, public_id: UUID, new_email: str) -> None:
        account = ADA._replace(public_id=public_id)

        claim = TOKENS.read(action, TOKENS.issue(action, account, new_email))

        assert (claim.action, claim.user_id, claim.new_email) == (action, public_id, new_email)
        TOKENS.require_current(claim, account)

    @given(st.integers(0, len(TOKEN) - 1), st.characters(min_codepoint=33, max_codepoint=126))
    def test_token_with_one_changed_character_is_refused(self, position: int, char: str) -> None:
        changed = TOKEN[:position] + char + TOKEN[position + 1 :]
        if changed != TOKEN:
            with pytest.raises(InvalidActionToken):
                TOKENS.read(Action.CHANGE_EMAIL, changed)

    @given(st.binary(max_size=200))
    def test_anything_else_is_refused(self, data: bytes) -> None:
        for text in (base64url.encode(data), PREFIX + base64url.encode(data), PREFIX + base64url.encode(data) + "="):
            with pytest.raises(InvalidActionToken):
                TOKENS.read(Action.VERIFY_EMAIL, text)

    @pytest.mark.parametrize("action", list(Action))
    def test_token_is_for_one_action(self, action: Action) -> None:
        for other in set(Action) - {action}:
            with pytest.raises(InvalidActionToken):
                TOKENS.read(action, TOKENS.issue(other, ADA))

    def test_refresh_token_is_none(self) -> None:
        refresh = RefreshTokens([OLD]).issue(RefreshClaim(uuid4(), 0))

        for text in (refresh, refresh.replace("rt1_", PREFIX)):
            with pytest.raises(InvalidActionToken):
                TOKENS.read(Action.VERIFY_EMAIL, text)

    @pytest.mark.parametrize(
        ("action", "minutes"), [(Action.VERIFY_EMAIL, 1440), (Action.RESET_PASSWORD, 30), (Action.CHANGE_EMAIL, 1440)]
    )
    def test_token_has_a_lifetime(self, monkeypatch: pytest.MonkeyPatch, action: Action, minutes: int) -> None:
        monkeypatch.setattr("time.time", lambda: 1_000_000.0)
        token = TOKENS.issue(action, ADA)

        monkeypatch.setattr("time.time", lambda: 1_000_000.0 + minutes * 60 - 1)
        assert TOKENS.read(action, token)
        monkeypatch.setattr("time.time", lambda: 1_000_000.0 + minutes * 60)
        with pytest.raises(InvalidActionToken):
            TOKENS.read(action, token)


class TestState:
    @pytest.mark.parametrize(
        "changed",
        [
            ADA._replace(email="other@example.com"),
            ADA._replace(email_verified_at=datetime.now(UTC)),
            ADA._replace(auth_epoch=1),
        ],
    )
    def test_each_change_ends_the_token(self, changed: SomeAccount) -> None:
        with pytest.raises(InvalidActionToken):
            TOKENS.require_current(TOKENS.read(Action.CHANGE_EMAIL, TOKEN), changed)

    def test_token_does_not_show_it(self) -> None:
        """The new address gets the token, and must not learn the old one."""
        assert ADA.email.encode() not in base64url.decode(TOKEN.removeprefix(PREFIX))
        other = ActionTokens([NEW]).issue(Action.CHANGE_EMAIL, ADA, "new@example.com")
        assert len({base64url.decode(text.removeprefix(PREFIX))[25:41] for text in (TOKEN, other)}) == 2


class TestKeys:
    def test_older_key_still_reads(self) -> None:
        rotated = ActionTokens([NEW, OLD])

        rotated.require_current(rotated.read(Action.CHANGE_EMAIL, TOKEN), ADA)

    def test_other_keys_do_not(self) -> None:
        with pytest.raises(InvalidActionToken):
            ActionTokens([NEW]).read(Action.CHANGE_EMAIL, TOKEN)
