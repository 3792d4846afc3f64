"""A laptop without AWS's packages: everything outside the wing imports and works, and the wing is never entered.

Where the packages are installed, this test's process refuses to import them.
"""

import json
import subprocess
import sys
from pathlib import Path

from imdb_assets.settings import PROJECT_ROOT
from imdb_assets_tests.support import definitions

LAPTOP = """
import json
import sys
from importlib import import_module, metadata
from importlib.abc import MetaPathFinder
from pathlib import Path


def is_absent(module):
    return module.partition(".")[0] in ("boto3", "botocore", "sagemaker", "dagster_aws")


class Refusing(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if is_absent(name):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def entry_points(_real=metadata.entry_points, **wanted):  # Dagster loads what is installed
    return metadata.EntryPoints(one for one in _real(**wanted) if not is_absent(one.module))


def imdb(*arguments):
    sys.argv = ["imdb", *arguments]
    try:
        main()
    except SystemExit as ended:
        return ended.code


def import_all(files):
    for file in files:
        import_module(".".join(file.with_suffix("").parts))


sys.meta_path.insert(0, Refusing())
metadata.entry_points = entry_points
files = [file for file in Path("imdb_assets").rglob("*.py") if "aws" not in file.parts[:2]]
commands = [file for file in files if "cli" in file.parts]  # some are for AWS, and import the wing
import_all(set(files) - set(commands))

from imdb_assets.cli.app import main
from imdb_assets.definitions import defs
from imdb_assets.settings import Settings
from imdb_assets.wiring import bill_of, channels_of, engines_of, stores_of, trainer_of
from imdb_assets_tests.lakes import People, people, put

Settings.model_config["env_file"] = None
settings = Settings()
stores = stores_of(settings)
imdb("doctor")
said = {
    "assets": len(list(defs().resolve_all_asset_specs())),
    "bill": bill_of(settings),
    "channels": channels_of(settings),
    "heavy": dict(engines_of(settings).heavy),
    "trainer": trainer_of(settings),
    "tables": imdb("tables"),
    "rows": put(stores.lake, People, people(1)).rows,
    "tables then": imdb("tables", "--format", "csv"),
    "wing": [name for name in sys.modules if name.startswith("imdb_assets.aws") or is_absent(name)],
}
import_all(commands)
print(json.dumps(said))
"""


def test_without_awss_packages_everything_but_the_wing_works(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", LAPTOP],
        cwd=PROJECT_ROOT,
        env={"IMDB_DATA": str(tmp_path), "PYTHONPATH": str(PROJECT_ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *shown, said = done.stdout.splitlines()
    assert "ok      Credentials: none needed" in shown
    assert any(line.startswith("gold.people,2,") for line in shown)
    assert "is empty. Run `make demo` first." in done.stderr
    assert json.loads(said) == {
        "assets": len(list(definitions().resolve_all_asset_specs())),
        "bill": None,
        "channels": [],
        "heavy": {},
        "trainer": None,
        "tables": 1,
        "rows": 2,
        "tables then": 0,
        "wing": [],
    }
