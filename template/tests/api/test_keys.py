"""The integer primary keys, which the API never shows."""

from tests.factories.users import add_user, sign_in
from tests.fixtures.applications import Api


class TestKeys:
    async def test_a_key_is_never_used_twice(self, api: Api) -> None:
        gone = await add_user(api)
        person = await sign_in(api, gone)

        await person.http.delete("/api/v1/users/me")

        assert not await person.is_signed_in()
        assert (await add_user(api)).id > gone.id
