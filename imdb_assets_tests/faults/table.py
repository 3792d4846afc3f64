"""`python -m imdb_assets_tests.faults.table`: runs all fault tests and prints what was injected and what survived."""

import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree as ET

FOLDER = Path(__file__).parent


def counts(report: Path) -> dict[str, tuple[int, int]]:
    """Fault → times injected and survived, from pytest's XML; a test that says no number injected its fault once."""
    injected, survived = defaultdict[str, int](int), defaultdict[str, int](int)
    for test in ET.parse(report).iter("testcase"):
        said = {item.get("name", ""): item.get("value", "") for item in test.iter("property")}
        if "fault" in said:
            injected[said["fault"]] += int(said.get("injected", 1))
            survived[said["fault"]] += int(said.get("survived", 1))
    return {fault: (injected[fault], survived[fault]) for fault in sorted(injected)}


def markdown(faults: dict[str, tuple[int, int]]) -> str:
    """The table of `docs/faults.md`."""
    rows = [f"| {fault} | {injected} | {survived} |" for fault, (injected, survived) in faults.items()]
    total = [sum(numbers) for numbers in zip(*faults.values(), strict=True)] or [0, 0]
    return "\n".join(
        ["| fault | injected | survived |", "|---|---:|---:|", *rows, f"| **all** | **{total[0]}** | **{total[1]}** |"]
    )


def main() -> int:
    """Runs the tests, prints the table; pytest's exit code."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "load", f"--junitxml={report}", str(FOLDER)]
        done = subprocess.run(command, stdout=sys.stderr, check=False)
        sys.stdout.write(markdown(counts(report)) + "\n")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
