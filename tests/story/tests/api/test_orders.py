"""Orders."""

from httpx2 import Response

from tests import expect
from tests.factories.users import Person, signed_in
from tests.fixtures.applications import Api
from tests.fixtures.orders import ORDER


class TestOrders:
    async def test_only_the_buyer_sees_an_order(self, ada: Person, bob: Person, placed: Response) -> None:
        assert placed.status_code == 201
        assert placed.json()["article"] == "Green tea"
        listed = [(await person.http.get("/api/v1/orders")).json()["results"] for person in (ada, bob)]
        assert listed == [[placed.json()], []]

    async def test_only_staff_can_list_all_orders(self, api: Api, ada: Person, placed: Response) -> None:
        staff = await signed_in(api, email="eve@orders.example")

        expect.problem(await ada.http.get("/api/v1/orders/all"), 403, "not_staff")
        assert (await staff.http.get("/api/v1/orders/all")).json()["results"] == [placed.json()]

    async def test_an_order_lists_its_parts(self, ada: Person, bob: Person, placed: Response) -> None:
        whole = placed.json()["id"]
        part = (await ada.http.post("/api/v1/orders", json={**ORDER, "parent_id": whole})).json()

        assert (await ada.http.get(f"/api/v1/orders/{whole}/parts")).json()["results"] == [part]
        expect.problem(await bob.http.get(f"/api/v1/orders/{whole}/parts"), 404, "not_found")

    async def test_a_number_beyond_64_bits_is_422(self, ada: Person) -> None:
        response = await ada.http.post("/api/v1/orders", json={**ORDER, "total_cents": 2**63})

        expect.problem(response, 422, "validation_error")


class TestNickname:
    async def test_the_nickname_is_shown_to_its_user(self, api: Api) -> None:
        ada = await signed_in(api, nickname="Countess")

        assert (await ada.http.get("/api/v1/users/me")).json()["nickname"] == "Countess"
