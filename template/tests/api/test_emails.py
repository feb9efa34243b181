"""Verified addresses, forgotten passwords and new addresses, with a real SMTP server."""

from typing import Any

import pytest
from httpx2 import AsyncClient, Response
from sqlalchemy import update

from app.core.security.action_tokens import LIFETIME_SECONDS, Action
from app.models.users import User
from tests import expect
from tests.factories.users import NEW_PASSWORD, PASSWORD, Person, add_user, registration, sign_in, signed_in
from tests.fixtures.applications import Api, start
from tests.fixtures.logs import Log
from tests.fixtures.mails import FRONTEND, Mailbox, link_of, mail_settings
from tests.fixtures.settings import MakeSettings

AUTH = "/api/v1/auth"
ME = "/api/v1/users/me"
CHANGE = f"{ME}/change-email"


@pytest.fixture
async def http(mailing_api: Api) -> AsyncClient:
    """Somebody who is not signed in."""
    return await mailing_api.client()


@pytest.fixture
async def grace(mailing_api: Api) -> Person:
    return await signed_in(mailing_api, email="grace@example.com")


async def register(api: Api, **values: Any) -> AsyncClient:
    """A client of somebody who has just registered."""
    client = await api.client()
    response = await client.post(f"{AUTH}/register", json=registration(**values))
    client.headers["Authorization"] = f"Bearer {response.json()['access_token']}"
    return client


async def login(client: AsyncClient, email: str, password: str = PASSWORD) -> Response:
    return await client.post(f"{AUTH}/login", json={"email": email, "password": password})


def refused(response: Response) -> None:
    """The one response to every token that is not valid."""
    assert expect.reasons(response, code="invalid_action_token") == {("#/token", "invalid_action_token")}


class TestVerify:
    async def test_link_of_the_registration_verifies_the_address(self, mailing_api: Api, mailbox: Mailbox) -> None:
        ada = await register(mailing_api, email="ada@example.com")
        mail = await mailbox.newest()
        url, token = link_of(mail)
        stranger = await mailing_api.client()

        response = await stranger.post(f"{AUTH}/email/verify", json={"token": token})

        assert (response.status_code, response.content) == (204, b"")
        assert (mail["To"], url) == ("ada@example.com", f"{FRONTEND}/verify-email")
        assert (await ada.get(ME)).json()["email_verified_at"].endswith("Z")

    async def test_registration_of_an_address_that_no_mail_reaches_works(self, mailing_api: Api) -> None:
        client = await register(mailing_api, email="=?utf-8?q?x?=@example.com")

        assert (await client.get(ME)).status_code == 200

    async def test_link_works_once(self, http: AsyncClient, grace: Person, mailbox: Mailbox) -> None:
        await grace.http.post(f"{AUTH}/email/verify/resend")
        body = {"token": await mailbox.token()}

        assert (await http.post(f"{AUTH}/email/verify", json=body)).status_code == 204
        refused(await http.post(f"{AUTH}/email/verify", json=body))

    async def test_is_logged(self, http: AsyncClient, grace: Person, mailbox: Mailbox, log: Log) -> None:
        await grace.http.post(f"{AUTH}/email/verify/resend")
        token = await mailbox.token()
        await http.post(f"{AUTH}/email/verify", json={"token": token})

        (line,) = log.of("auth.email.verified")
        assert line["user_id"] == str(grace.user.public_id)
        assert token not in log.text
        assert grace.email not in log.text


class TestResend:
    async def test_sends_another_link(self, grace: Person, mailbox: Mailbox) -> None:
        response = await grace.http.post(f"{AUTH}/email/verify/resend")

        assert (response.status_code, response.json()) == (202, {"status": "accepted"})
        assert link_of(await mailbox.newest())[0] == f"{FRONTEND}/verify-email"

    async def test_of_a_verified_address_is_409(self, http: AsyncClient, grace: Person, mailbox: Mailbox) -> None:
        await grace.http.post(f"{AUTH}/email/verify/resend")
        await http.post(f"{AUTH}/email/verify", json={"token": await mailbox.token()})

        response = await grace.http.post(f"{AUTH}/email/verify/resend")

        expect.problem(response, 409, "email_already_verified")

    async def test_needs_a_caller(self, http: AsyncClient) -> None:
        expect.problem(await http.post(f"{AUTH}/email/verify/resend"), 401, "not_authenticated")


class TestForgot:
    async def test_sends_a_link_to_the_account(self, http: AsyncClient, grace: Person, mailbox: Mailbox) -> None:
        response = await http.post(f"{AUTH}/password/forgot", json={"email": "GRACE@Example.com"})

        assert (response.status_code, response.json()) == (202, {"status": "accepted"})
        mail = await mailbox.newest()
        assert (mail["To"], link_of(mail)[0]) == (grace.email, f"{FRONTEND}/reset-password")

    async def test_sends_nothing_to_unknown_and_disabled_accounts(
        self, mailing_api: Api, http: AsyncClient, grace: Person, mailbox: Mailbox
    ) -> None:
        disabled = await add_user(mailing_api, is_active=False)

        answers = [
            await http.post(f"{AUTH}/password/forgot", json={"email": email})
            for email in ("nobody@example.com", disabled.email, grace.email)
        ]

        assert [(answer.status_code, answer.json()) for answer in answers] == [(202, {"status": "accepted"})] * 3
        # This waits for all mails that are being sent.
        await mailing_api.components.mailer.close(within=10)
        assert [mail["To"] for mail in mailbox.mails] == [grace.email]

    async def test_is_logged_without_the_address(
        self, http: AsyncClient, grace: Person, mailbox: Mailbox, log: Log
    ) -> None:
        await http.post(f"{AUTH}/password/forgot", json={"email": grace.email})
        token = await mailbox.token()

        (line,) = log.of("auth.password.reset_requested")
        assert line["user_id"] == str(grace.user.public_id)
        assert grace.email not in log.text
        assert token not in log.text


class TestReset:
    @pytest.fixture
    async def token(self, http: AsyncClient, grace: Person, mailbox: Mailbox) -> str:
        await http.post(f"{AUTH}/password/forgot", json={"email": grace.email})
        return await mailbox.token()

    async def test_replaces_the_password_and_ends_every_session(
        self, mailing_api: Api, http: AsyncClient, grace: Person, token: str, log: Log
    ) -> None:
        phone = await sign_in(mailing_api, grace.user)

        response = await http.post(f"{AUTH}/password/reset", json={"token": token, "new_password": NEW_PASSWORD})

        assert (response.status_code, response.content) == (204, b"")
        for person in (grace, phone):
            assert not await person.is_signed_in()
            assert not await person.can_refresh()
        assert (await login(http, grace.email)).status_code == 401
        assert (await login(http, grace.email, NEW_PASSWORD)).status_code == 200
        (line,) = log.of("auth.password.reset")
        assert line["user_id"] == str(grace.user.public_id)

    async def test_tells_the_owner(self, http: AsyncClient, grace: Person, token: str, mailbox: Mailbox) -> None:
        await http.post(f"{AUTH}/password/reset", json={"token": token, "new_password": NEW_PASSWORD})

        mail = await mailbox.newest()
        assert mail["To"] == grace.email
        assert "http" not in mail.get_content()

    async def test_verifies_the_address(self, mailing_api: Api, http: AsyncClient, grace: Person, token: str) -> None:
        await http.post(f"{AUTH}/password/reset", json={"token": token, "new_password": NEW_PASSWORD})

        again = await sign_in(mailing_api, grace.user, password=NEW_PASSWORD)
        assert (await again.http.get(ME)).json()["email_verified_at"]

    async def test_link_works_once(self, http: AsyncClient, token: str) -> None:
        body = {"token": token, "new_password": NEW_PASSWORD}

        assert (await http.post(f"{AUTH}/password/reset", json=body)).status_code == 204
        refused(await http.post(f"{AUTH}/password/reset", json=body))

    @pytest.mark.parametrize(
        ("password", "code", "reason"),
        [
            ("short", "validation_error", "password_too_short"),
            ("fourteen chars", "validation_error", "password_too_short"),
            ("passwordpassword", "password_too_weak", "password_too_weak"),
            ("grace@example.com!", "password_too_weak", "password_too_weak"),
            ("x" * 257, "validation_error", "password_too_long"),
        ],
    )
    async def test_rules_of_passwords_hold_and_keep_the_link(
        self, http: AsyncClient, token: str, password: str, code: str, reason: str
    ) -> None:
        response = await http.post(f"{AUTH}/password/reset", json={"token": token, "new_password": password})

        assert expect.reasons(response, code=code) == {("#/new_password", reason)}
        body = {"token": token, "new_password": NEW_PASSWORD}
        assert (await http.post(f"{AUTH}/password/reset", json=body)).status_code == 204

    async def test_a_login_does_not_end_the_link(self, http: AsyncClient, grace: Person, token: str) -> None:
        assert (await login(http, grace.email)).status_code == 200

        body = {"token": token, "new_password": NEW_PASSWORD}
        assert (await http.post(f"{AUTH}/password/reset", json=body)).status_code == 204

    async def test_a_renewed_hash_does_not_end_the_link(
        self, make_settings: MakeSettings, mailing_api: Api, http: AsyncClient, grace: Person, token: str
    ) -> None:
        url = mailing_api.settings.database_url.get_secret_value()
        stronger = await start(make_settings(database_url=url, argon2_time_cost=2), mailing_api.stack)
        await sign_in(stronger, grace.user)

        body = {"token": token, "new_password": NEW_PASSWORD}
        assert (await http.post(f"{AUTH}/password/reset", json=body)).status_code == 204


class TestChangeEmail:
    NEW = "admiral@example.org"

    async def ask(self, grace: Person, new_email: str = NEW, password: str = PASSWORD) -> Response:
        return await grace.http.post(CHANGE, json={"new_email": new_email, "password": password})

    async def mails(self, mailbox: Mailbox) -> dict[str, Any]:
        """The two mails of one change, by their recipients."""
        return {str(mail["To"]): mail for mail in await mailbox.has(2)}

    async def test_link_changes_the_address_and_keeps_sessions(
        self, http: AsyncClient, grace: Person, mailbox: Mailbox, log: Log
    ) -> None:
        response = await self.ask(grace, self.NEW.upper())
        assert (response.status_code, response.json()) == (202, {"status": "accepted"})
        url, token = link_of((await self.mails(mailbox))[self.NEW])
        assert (await grace.http.get(ME)).json()["email"] == grace.email

        changed = await http.post(f"{AUTH}/email/change", json={"token": token})

        assert (url, changed.status_code, changed.content) == (f"{FRONTEND}/change-email", 204, b"")
        me = (await grace.http.get(ME)).json()
        assert me["email"] == self.NEW
        assert me["email_verified_at"]
        assert (await login(http, self.NEW)).status_code == 200
        assert (await login(http, grace.email)).status_code == 401
        (line,) = log.of("auth.email.changed")
        assert line["user_id"] == str(grace.user.public_id)
        assert not [text for text in (self.NEW, grace.email, token) if text in log.text]
        refused(await http.post(f"{AUTH}/email/change", json={"token": token}))

    async def test_old_address_gets_a_note_without_the_new_one(self, grace: Person, mailbox: Mailbox) -> None:
        await self.ask(grace)

        note = (await self.mails(mailbox))[grace.email]
        assert self.NEW not in note.as_string()
        assert "http" not in note.get_content()

    async def test_taken_address_gets_a_note_and_the_same_response(
        self, mailing_api: Api, grace: Person, mailbox: Mailbox
    ) -> None:
        other = await add_user(mailing_api)

        response = await self.ask(grace, other.email)

        assert (response.status_code, response.json()) == (202, {"status": "accepted"})
        note = (await self.mails(mailbox))[other.email]
        assert "token" not in note.get_content()
        assert grace.email not in note.as_string()

    async def test_disabled_account_gets_no_mail(self, mailing_api: Api, grace: Person, mailbox: Mailbox) -> None:
        other = await add_user(mailing_api, is_active=False)

        assert (await self.ask(grace, other.email)).status_code == 202

        (note,) = await mailbox.has(1)
        await mailing_api.components.mailer.close(5)
        assert [str(mail["To"]) for mail in mailbox.mails] == [grace.email]
        assert note["To"] == grace.email

    async def test_needs_the_password(self, grace: Person, mailbox: Mailbox) -> None:
        expect.problem(await self.ask(grace, password="not the password at all"), 403, "wrong_password")

        assert mailbox.mails == []

    async def test_own_address_is_422(self, grace: Person) -> None:
        response = await self.ask(grace, grace.email.upper())

        assert expect.reasons(response, code="email_unchanged") == {("#/new_email", "email_unchanged")}

    async def test_address_that_was_taken_meanwhile_is_409(
        self, mailing_api: Api, http: AsyncClient, grace: Person, mailbox: Mailbox
    ) -> None:
        await self.ask(grace)
        _, token = link_of((await self.mails(mailbox))[self.NEW])
        await add_user(mailing_api, email=self.NEW)

        expect.problem(await http.post(f"{AUTH}/email/change", json={"token": token}), 409, "email_taken")
        assert (await grace.http.get(ME)).json()["email"] == grace.email

    async def test_is_ended_when_the_password_is_changed(
        self, http: AsyncClient, grace: Person, mailbox: Mailbox
    ) -> None:
        await self.ask(grace)
        _, token = link_of((await self.mails(mailbox))[self.NEW])
        change = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
        assert (await grace.http.post(f"{ME}/change-password", json=change)).status_code == 200

        refused(await http.post(f"{AUTH}/email/change", json={"token": token}))

    async def test_is_ended_by_a_new_password(self, http: AsyncClient, grace: Person, mailbox: Mailbox) -> None:
        """Whoever registered a stranger's address first must not take the account back."""
        await self.ask(grace)
        _, token = link_of((await self.mails(mailbox))[self.NEW])
        mailbox.mails.clear()
        await http.post(f"{AUTH}/password/forgot", json={"email": grace.email})
        reset = {"token": await mailbox.token(), "new_password": NEW_PASSWORD}
        assert (await http.post(f"{AUTH}/password/reset", json=reset)).status_code == 204

        refused(await http.post(f"{AUTH}/email/change", json={"token": token}))


class TestInvalidTokens:
    PATHS: tuple[tuple[Action, str, dict[str, str]], ...] = (
        (Action.VERIFY_EMAIL, "/email/verify", {}),
        (Action.RESET_PASSWORD, "/password/reset", {"new_password": NEW_PASSWORD}),
        (Action.CHANGE_EMAIL, "/email/change", {}),
    )

    @staticmethod
    def issue(api: Api, action: Action, user: User) -> str:
        return api.components.action_tokens.issue(action, user, "new@example.com")

    @pytest.mark.parametrize(("action", "path", "more"), PATHS)
    async def test_of_another_purpose_is_refused(
        self, mailing_api: Api, http: AsyncClient, grace: Person, action: Action, path: str, more: dict[str, str]
    ) -> None:
        for other in set(Action) - {action}:
            token = self.issue(mailing_api, other, grace.user)
            refused(await http.post(AUTH + path, json={"token": token, **more}))
        token = self.issue(mailing_api, action, grace.user)
        assert (await http.post(AUTH + path, json={"token": token, **more})).status_code == 204

    @pytest.mark.parametrize(("action", "path", "more"), PATHS)
    @pytest.mark.parametrize(
        "change",
        [{"email": "x@example.com"}, {"auth_epoch": 1}, {"is_active": False}, {"email_verified_at": None}, None],
        ids=["address", "epoch", "disabled", "verification", "deleted"],
    )
    async def test_after_the_state_changed_is_refused(
        self,
        mailing_api: Api,
        http: AsyncClient,
        grace: Person,
        action: Action,
        path: str,
        more: dict[str, str],
        change: dict[str, Any] | None,
    ) -> None:
        token = self.issue(mailing_api, action, grace.user)
        if change is None:
            assert (await grace.http.delete(ME)).status_code == 204
        else:
            if "email_verified_at" in change:
                change = {"email_verified_at": grace.user.created_at}
            async with mailing_api.database.write() as session:
                await session.execute(update(User).where(User.id == grace.user.id).values(**change))
                await session.commit()

        refused(await http.post(AUTH + path, json={"token": token, **more}))

    @pytest.mark.parametrize(("action", "path", "more"), PATHS)
    async def test_that_expired_is_refused(
        self,
        mailing_api: Api,
        http: AsyncClient,
        grace: Person,
        monkeypatch: pytest.MonkeyPatch,
        action: Action,
        path: str,
        more: dict[str, str],
    ) -> None:
        monkeypatch.setitem(LIFETIME_SECONDS, action, 0)

        refused(await http.post(AUTH + path, json={"token": self.issue(mailing_api, action, grace.user), **more}))

    @pytest.mark.parametrize(("action", "path", "more"), PATHS)
    @pytest.mark.parametrize("token", ["", "x", "at1_", "at1_AAAA", "at1_" + "A" * 200, "é", "at1_é"])
    async def test_that_nobody_issued_is_refused(
        self, http: AsyncClient, action: Action, path: str, more: dict[str, str], token: str
    ) -> None:
        assert action
        refused(await http.post(AUTH + path, json={"token": token, **more}))


class TestWithoutMailUrl:
    PUBLIC = (
        ("/auth/email/verify", {"token": "x"}),
        ("/auth/password/forgot", {"email": "ada@example.com"}),
        ("/auth/password/reset", {"token": "x", "new_password": NEW_PASSWORD}),
        ("/auth/email/change", {"token": "x"}),
    )
    OF_A_CALLER = (
        ("/auth/email/verify/resend", None),
        ("/users/me/change-email", {"new_email": "new@example.com", "password": PASSWORD}),
    )

    async def test_all_six_are_503(self, client: AsyncClient, ada: Person) -> None:
        answers = [await client.post(f"/api/v1{path}", json=body) for path, body in self.PUBLIC]
        answers += [await ada.http.post(f"/api/v1{path}", json=body) for path, body in self.OF_A_CALLER]

        for answer in answers:
            expect.problem(answer, 503, "mail_unavailable")
            assert int(answer.headers["retry-after"]) > 0

    async def test_registration_works(self, client: AsyncClient) -> None:
        assert (await client.post(f"{AUTH}/register", json=registration())).status_code == 201

    async def test_start_warns_once(self, log: Log, real_client: AsyncClient) -> None:
        await real_client.get("/health")

        (line,) = log.of("mail.disabled")
        assert line["level"] == "warning"
        assert "MAIL_URL" in line["hint"]


class TestThrottling:
    @pytest.fixture
    async def limited(self, make_settings: MakeSettings, mailing_api: Api, mailbox: Mailbox) -> Api:
        url = mailing_api.settings.database_url.get_secret_value()
        settings = make_settings(database_url=url, rate_limit_enabled=True, **mail_settings(mailbox))
        return await start(settings, mailing_api.stack)

    async def test_three_verification_mails_an_hour(self, limited: Api) -> None:
        ada, bob = await signed_in(limited), await signed_in(limited)

        answers = [await ada.http.post(f"{AUTH}/email/verify/resend") for _ in range(4)]

        assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
        expect.throttled(answers[-1], minutes=60)
        assert (await bob.http.post(f"{AUTH}/email/verify/resend")).status_code == 202

    async def test_three_resets_an_hour_for_an_account(self, limited: Api, mailbox: Mailbox) -> None:
        ada = await add_user(limited)
        clients = [await limited.client(f"10.0.0.{number}") for number in range(5)]

        answers = [await http.post(f"{AUTH}/password/forgot", json={"email": ada.email}) for http in clients]

        assert [answer.status_code for answer in answers] == [202] * 5
        await limited.components.mailer.close(5)
        assert len(mailbox.mails) == 3

    async def test_ten_resets_an_hour_for_a_client(self, limited: Api) -> None:
        http = await limited.client()

        answers = [
            await http.post(f"{AUTH}/password/forgot", json={"email": f"nobody{n}@example.com"}) for n in range(11)
        ]

        assert [answer.status_code for answer in answers] == [202] * 10 + [429]
        expect.throttled(answers[-1], minutes=60)
        other = await limited.client("10.0.0.1")
        assert (await other.post(f"{AUTH}/password/forgot", json={"email": "x@example.com"})).status_code == 202

    async def test_five_wrong_passwords(self, limited: Api) -> None:
        ada = await signed_in(limited)
        body = {"new_email": "new@example.com", "password": "not the password at all"}

        answers = [await ada.http.post(CHANGE, json=body) for _ in range(6)]

        assert [answer.status_code for answer in answers] == [403] * 5 + [429]

    async def test_ten_changes_of_address_an_hour(self, limited: Api) -> None:
        ada = await signed_in(limited)

        answers = [
            await ada.http.post(CHANGE, json={"new_email": f"new{n}@example.com", "password": PASSWORD})
            for n in range(11)
        ]

        assert [answer.status_code for answer in answers] == [202] * 10 + [429]
