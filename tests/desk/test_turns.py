"""A crowd waits for its turn at the desk, case by case, and nobody for ever."""

import asyncio

import pytest

from desk.door.turns import LateError, Turns


async def test_each_has_its_turn_in_the_order_of_coming() -> None:
    turns, order, inside = Turns(), list[int](), 0

    async def go(number: int) -> None:
        nonlocal inside
        async with turns.of("report-1", 5) as waited:
            assert waited == (number > 0)
            inside += 1
            assert inside == 1
            await asyncio.sleep(0)
            inside -= 1
            order.append(number)

    await asyncio.gather(*(go(number) for number in range(40)))
    assert order == list(range(40))


async def test_another_case_is_not_waited_for() -> None:
    turns = Turns()
    async with turns.of("report-1", 5) as one, turns.of("report-2", 0.01) as other:
        assert (one, other) == (False, False)


async def test_who_waits_too_long_is_told_so_and_holds_up_nobody() -> None:
    turns = Turns()
    async with turns.of("report-1", 5):
        with pytest.raises(LateError):
            async with turns.of("report-1", 0.01):
                raise AssertionError("two have their turn at once")
        gone = asyncio.create_task(enter(turns))
        await asyncio.sleep(0)
        gone.cancel()
        assert isinstance((await asyncio.gather(gone, return_exceptions=True))[0], asyncio.CancelledError)
    async with asyncio.timeout(5):
        await enter(turns)


async def test_a_turn_that_ends_in_an_error_is_over() -> None:
    turns = Turns()
    with pytest.raises(LookupError):
        async with turns.of("report-1", 5):
            raise LookupError
    async with turns.of("report-1", 0.01):
        pass


async def enter(turns: Turns) -> None:
    async with turns.of("report-1", 5):
        pass
