"""kill -9 at every operation of a step: readers see old or new, a plain re-run ends it, maintenance leaves nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from imdb_assets_tests.faults.killing import Toll, moments, operations, seconds, survives, survives_at_random
from imdb_assets_tests.faults.scenarios import SCENARIOS, Scenario

Record = Callable[[str, object], None]


def _kill_at(scenario: Scenario, points: dict[int, str], folder: Path) -> Toll:
    toll = Toll()
    for at, operation in points.items():
        toll.injected += 1
        try:
            survives(scenario, folder / str(at), at)
        except Exception as error:  # noqa: BLE001 - all of them are told together
            toll.failures.append(f"{at} {operation}: {type(error).__name__}: {error}")
    return toll


def _judge(toll: Toll, record: Record, fault: str) -> None:
    record("fault", fault)
    record("injected", toll.injected)
    record("survived", toll.injected - len(toll.failures))
    assert not toll.failures, "\n".join(toll.failures)


@pytest.mark.parametrize("name", ["publish", "landing"])
def test_killed_around_the_moment_that_counts(name: str, tmp_path: Path, record_property: Record) -> None:
    scenario = SCENARIOS[name]
    names = operations(scenario, tmp_path / "undisturbed")
    turn = max(index for index, step in enumerate(names) if step.startswith(("before do_commit", "os.rename")))
    toll = _kill_at(scenario, {at: names[at] for at in (turn - 1, turn, turn + 1)}, tmp_path)
    _judge(toll, record_property, f"kill -9 around the commit: {name}")


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SCENARIOS if name != "an engine's table"])
def test_killed_at_every_operation(name: str, tmp_path: Path, record_property: Record) -> None:
    scenario = SCENARIOS[name]
    names = operations(scenario, tmp_path / "undisturbed")
    toll = _kill_at(scenario, dict(enumerate(names)), tmp_path)
    _judge(toll, record_property, f"kill -9 before every operation: {name}")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["publish", "landing", "an engine's table"])
def test_killed_at_random_moments(name: str, tmp_path: Path, record_property: Record) -> None:
    toll = Toll()
    longest = max(seconds(SCENARIOS[name], tmp_path / f"undisturbed {number}") for number in range(3))
    for number, after in enumerate(moments(seed=7, count=20, longest=longest)):
        try:
            toll.injected += survives_at_random(SCENARIOS[name], tmp_path / str(number), after)
        except Exception as error:  # noqa: BLE001 - all of them are told together
            toll.failures.append(f"after {after:.3f} s: {type(error).__name__}: {error}")
    _judge(toll, record_property, f"kill -9 at a random moment: {name}")
    assert toll.injected >= 5
