"""How a step is killed and what is asked afterwards."""

import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from imdb_assets_tests.faults import victim
from imdb_assets_tests.faults.processes import PATIENCE, SERVER
from imdb_assets_tests.faults.scenarios import Scenario, require_no_orphan


@dataclass
class Toll:
    """What came of killing one step again and again."""

    injected: int = 0
    failures: list[str] = field(default_factory=list[str])


def operations(scenario: Scenario, data: Path) -> list[str]:
    """Names of all operations of an undisturbed step."""
    scenario.prepare(data)
    names = _attempt(scenario, data, at=None)
    assert names is not None
    scenario.done(data)
    require_no_orphan(data)
    return names


def seconds(scenario: Scenario, data: Path) -> float:
    """How long the undisturbed step takes."""
    scenario.prepare(data)
    started: list[float] = []
    assert _attempt(scenario, data, at=None, ready=lambda: started.append(time.monotonic())) is not None
    return time.monotonic() - started[0]


def survives(scenario: Scenario, data: Path, at: int) -> None:
    """Kills the step before one operation; fails unless nobody notices, and a plain re-run ends it."""
    scenario.prepare(data)
    assert _attempt(scenario, data, at=at) is None, f"there is no operation {at}"
    _require_survival(scenario, data)


def survives_at_random(scenario: Scenario, data: Path, after: float) -> bool:
    """Kills the step after so many seconds; whether it was still under way."""
    scenario.prepare(data)
    killed = _attempt(scenario, data, at=None, after=after) is None
    _require_survival(scenario, data)
    return killed


def _require_survival(scenario: Scenario, data: Path) -> None:
    scenario.unharmed(data)
    scenario.attempt(data)
    scenario.done(data)
    require_no_orphan(data)


def _attempt(
    scenario: Scenario,
    data: Path,
    *,
    at: int | None,
    after: float | None = None,
    ready: Callable[[], None] = lambda: None,
) -> list[str] | None:
    """The step in a process of its own: names of its operations, or None if it was killed. `ready`: it begins."""
    told, answer = SERVER.Pipe(duplex=False)
    child = SERVER.Process(target=victim.run, args=(scenario.name, data, at, answer))
    child.start()
    answer.close()
    try:
        assert told.poll(PATIENCE)
        assert told.recv() == "ready"
        ready()
        if after is not None:
            time.sleep(after)
            child.kill()
        names = told.recv() if told.poll(PATIENCE) else None
    except EOFError:
        names = None
    child.join(PATIENCE)
    code = child.exitcode
    child.close()
    told.close()
    assert code == (0 if names else -signal.SIGKILL), f"the step ended with {code}: it must end, or be killed"
    return names


def moments(seed: int, count: int, longest: float) -> list[float]:
    """Random moments, in seconds, that are the same in every run."""
    generator = random.Random(seed)
    return [generator.uniform(0, longest) for _ in range(count)]
