"""Sessions of a browser."""

from visiting import Desk


async def test_a_session_that_began_in_the_database_is_one_of_the_browser_s(desk: Desk) -> None:
    async with desk.seat("mia") as seat:
        answer = await seat.page.goto("/api/v1/session")
        assert answer is not None
        assert (await answer.json())["person"] == "mia"
