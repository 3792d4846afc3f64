"""What the environment may say, what it means, and what a person is told of a mistake."""

import ast
from pathlib import Path
from textwrap import fill

import pytest

from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.settings import PROFILES, PROJECT_ROOT, Settings, SettingsError, load_settings, variables

PACKAGE = PROJECT_ROOT / "imdb_assets"

Environment = pytest.MonkeyPatch
FOLDER = "a folder, which need not exist yet"


def _mistakes(environment: Environment, **given: str) -> list[str]:
    for name, value in given.items():
        environment.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    return str(caught.value).splitlines()


def test_without_any_variable_a_laptop_gets_a_generated_sample() -> None:
    settings = load_settings()
    assert (settings.profile, settings.source, settings.engine, settings.schedule) == (
        "local",
        "sample",
        "polars",
        "stopped",
    )
    assert settings.data == PROJECT_ROOT / ".data"
    assert settings.lake_folder == PROJECT_ROOT / ".data" / "lake"
    assert settings.landing_folder == PROJECT_ROOT / ".data" / "landing"
    assert settings.models_folder == PROJECT_ROOT / ".data" / "models"


def test_a_profile_picks_the_defaults_of_the_axes(monkeypatch: Environment) -> None:
    monkeypatch.setenv("IMDB_PROFILE", "daily")
    monkeypatch.setenv("IMDB_ACCEPT_TERMS", "yes")
    settings = load_settings()
    assert (settings.source, settings.schedule, settings.engine) == ("imdb", "running", "polars")


def test_the_aws_profile_takes_what_was_deployed(monkeypatch: Environment) -> None:
    monkeypatch.setenv("IMDB_PROFILE", "aws")
    monkeypatch.setenv("IMDB_ACCEPT_TERMS", "yes")
    settings = load_settings()
    assert (settings.source, settings.engine, settings.lake) == ("imdb", "glue", "s3")
    assert set(settings.glue_tables.split(",")) <= CONTRACTS.keys()


def test_glue_must_reach_the_lake(monkeypatch: Environment) -> None:
    (mistake,) = _mistakes(monkeypatch, IMDB_ENGINE="glue", IMDB_LAKE="folder")
    assert mistake.startswith("IMDB_ENGINE: glue cannot read a lake with IMDB_LAKE=folder")


@pytest.mark.parametrize(
    "address",
    [
        "local",
        "local[*]",
        "local[4]",
        "yarn",
        "spark://one:7077,two:7077",
        "k8s://https://host:443",
        "sc://host",
        "sc://host:443/;use_ssl=true;token=hunter2",
    ],
)
@pytest.mark.parametrize("lake", ["folder", "s3"])
def test_spark_is_a_master_or_spark_connect_and_reads_any_lake(
    monkeypatch: Environment, address: str, lake: str
) -> None:
    monkeypatch.setenv("IMDB_ENGINE", "spark")
    monkeypatch.setenv("IMDB_SPARK", address)
    monkeypatch.setenv("IMDB_LAKE", lake)
    settings = load_settings()
    assert settings.spark == address
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    "address", ["host:7077", "spark://host", "http://host", "sc://", "local[x]", "sc:host/;token=hunter2"]
)
def test_an_address_of_spark_that_is_none_is_refused_and_not_shown(monkeypatch: Environment, address: str) -> None:
    (mistake,) = _mistakes(monkeypatch, IMDB_SPARK=address)
    assert mistake.startswith("IMDB_SPARK: is neither a master (local[*], spark://host:7077, ")
    assert "hunter2" not in mistake


def test_every_axis_can_be_set_against_its_profile(monkeypatch: Environment) -> None:
    monkeypatch.setenv("IMDB_PROFILE", "daily")
    monkeypatch.setenv("IMDB_SOURCE", "sample")
    monkeypatch.setenv("IMDB_ENGINE", "spark")
    settings = load_settings()
    assert (settings.source, settings.engine, settings.schedule) == ("sample", "spark", "running")


def test_profiles_name_only_settings_that_exist() -> None:
    assert {name for defaults in PROFILES.values() for name in defaults} <= set(Settings.model_fields)


@pytest.mark.parametrize(
    ("name", "given", "line"),
    [
        ("IMDB_PROFILE", "nightly", "IMDB_PROFILE: got 'nightly', allowed: one of local, daily, aws"),
        ("IMDB_SOURCE", "ftp", "IMDB_SOURCE: got 'ftp', allowed: one of sample, folder, imdb"),
        ("IMDB_LAKE", "disk", "IMDB_LAKE: got 'disk', allowed: one of folder, s3"),
        ("IMDB_SCHEDULE", "on", "IMDB_SCHEDULE: got 'on', allowed: one of stopped, running"),
        ("IMDB_ACCEPT_TERMS", "true", "IMDB_ACCEPT_TERMS: got 'true', allowed: one of yes, no"),
        (
            "IMDB_SAMPLE_TITLES",
            "many",
            "IMDB_SAMPLE_TITLES: got 'many', allowed: a valid integer, unable to parse string as an integer",
        ),
        (
            "IMDB_SAMPLE_TITLES",
            "10",
            "IMDB_SAMPLE_TITLES: got '10', allowed: greater than or equal to 20000",
        ),
        ("IMDB_MAX_BAD_SHARE", "2", "IMDB_MAX_BAD_SHARE: got '2', allowed: less than or equal to 1"),
        (
            "IMDB_SERVING_PORT",
            "80",
            "IMDB_SERVING_PORT: got '80', allowed: greater than or equal to 1024",
        ),
        ("IMDB_UI_PORT", "99999", "IMDB_UI_PORT: got '99999', allowed: less than or equal to 65535"),
        (
            "IMDB_DUMPS_URL",
            "ftp://x",
            "IMDB_DUMPS_URL: got 'ftp://x', allowed: an address that begins with http:// or https://",
        ),
        *(
            (
                f"IMDB_{name}_URL",
                f"{scheme}me:pass@wo//rd@host.example/x",
                (
                    f"IMDB_{name}_URL: got '{scheme}…@host.example/x', "
                    "allowed: an address that begins with http:// or https://"
                ),
            )
            for name in ("DUMPS", "GRAFANA", "UI")
            for scheme in ("ftp://", "")
        ),
        (
            "IMDB_GLUE_TABLES",
            "silver.credits gold",
            (
                "IMDB_GLUE_TABLES: got 'silver.credits gold', "
                "allowed: names of tables, such as silver.credits, separated by commas without blanks"
            ),
        ),
        (
            "IMDB_ALERT_TOPIC",
            "alerts",
            (
                "IMDB_ALERT_TOPIC: got 'alerts', "
                "allowed: the ARN of an SNS topic, such as arn:aws:sns:eu-west-1:123456789012:alerts"
            ),
        ),
        (
            "IMDB_AWS_PREFIX",
            "Films",
            (
                "IMDB_AWS_PREFIX: got 'Films', "
                "allowed: 2 to 18 lower-case letters, digits and hyphens, beginning with a letter"
            ),
        ),
        (
            "IMDB_SOURCE",
            "folder",
            "IMDB_SOURCE_FOLDER: missing, but IMDB_SOURCE=folder needs it; set it to a folder of dumps",
        ),
        (
            "IMDB_SOURCE",
            "imdb",
            (
                "IMDB_ACCEPT_TERMS: must be `yes` for IMDB_SOURCE=imdb; read "
                "https://developer.imdb.com/non-commercial-datasets/ and set IMDB_ACCEPT_TERMS=yes if you accept "
                "the terms"
            ),
        ),
        (
            "IMDB_GRAFANA_URL",
            "https://grafana.example.org",
            "IMDB_GRAFANA_TOKEN: missing, but IMDB_GRAFANA_URL needs it; make a service account's token in Grafana",
        ),
        *(
            (name, f"/dev/null{below}", f"{name}: got '/dev/null{below}', allowed: {FOLDER}; /dev/null is a file")
            for name in ("IMDB_DATA", "IMDB_SOURCE_FOLDER", "IMDB_DATED_DUMPS")
            for below in ("", "/below")
        ),
        (
            "IMDB_DATA",
            "~no such user/data",
            (
                "IMDB_DATA: got '~no such user/data', allowed: a folder; no user of this machine has the name that "
                "follows `~`"
            ),
        ),
    ],
)
def test_a_mistake_is_one_line_with_variable_value_and_remedy(
    monkeypatch: Environment, name: str, given: str, line: str
) -> None:
    assert _mistakes(monkeypatch, **{name: given}) == [line]


def test_a_folder_that_may_not_be_opened_is_a_mistake(monkeypatch: Environment, tmp_path: Path) -> None:
    monkeypatch.setattr("imdb_assets.settings.os.access", lambda *_: False)  # root may open any
    assert _mistakes(monkeypatch, IMDB_DATA=f"{tmp_path}/data") == [
        (
            f"IMDB_DATA: got '{tmp_path}/data', allowed: only a folder to which you have access; you have no "
            f"permission to open {tmp_path}"
        )
    ]


def test_an_unknown_variable_is_a_mistake_that_lists_the_known_ones(monkeypatch: Environment) -> None:
    assert _mistakes(monkeypatch, IMDB_ENGIN="spark") == [
        f"IMDB_ENGIN: unknown setting; known: {', '.join(variables())}"
    ]


def test_all_mistakes_are_told_at_once(monkeypatch: Environment) -> None:
    lines = _mistakes(monkeypatch, IMDB_TYPO="x", IMDB_ENGINE="ray", IMDB_UI_PORT="web", IMDB_SOURCE="disk")
    assert [line.partition(":")[0] for line in lines] == ["IMDB_TYPO", "IMDB_SOURCE", "IMDB_ENGINE", "IMDB_UI_PORT"]


def test_an_empty_variable_is_not_set(monkeypatch: Environment) -> None:
    monkeypatch.setenv("IMDB_ENGINE", "")
    assert load_settings().engine == "polars"


def test_the_env_file_is_read_and_the_environment_wins(monkeypatch: Environment, tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("# IMDB_ENGINE=ray\nIMDB_UI_PORT=4000\nexport IMDB_SERVING_PORT=4001\nOTHER=1\n")
    monkeypatch.setitem(Settings.model_config, "env_file", env_file)
    monkeypatch.setenv("IMDB_UI_PORT", "5000")
    settings = load_settings()
    assert (settings.ui_port, settings.serving_port, settings.engine) == (5000, 4001, "polars")


@pytest.mark.parametrize("line", ["IMDB_TYPO=1", "export IMDB_TYPO=1", "  IMDB_TYPO = 1"])
def test_an_unknown_variable_in_the_env_file_is_a_mistake_too(
    monkeypatch: Environment, tmp_path: Path, line: str
) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text(f"{line}\n")
    monkeypatch.setitem(Settings.model_config, "env_file", env_file)
    (mistake,) = _mistakes(monkeypatch)
    assert mistake.startswith("IMDB_TYPO: unknown setting; known: IMDB_PROFILE, ")


def test_a_line_of_the_env_file_that_sets_nothing_is_a_mistake_and_not_shown(
    monkeypatch: Environment, tmp_path: Path
) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("# settings\n\nIMDB_UI_TOKEN\nIMDB_UI_PORT=4000\n\nIMDB_GRAFANA_TOKEN='hunter2\n")
    monkeypatch.setitem(Settings.model_config, "env_file", env_file)
    assert _mistakes(monkeypatch) == [
        f"{env_file}, line {line}: expected NAME=value, with every quote closed" for line in (3, 6)
    ]


def test_an_env_file_that_is_no_text_is_a_mistake(monkeypatch: Environment, tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("IMDB_UI_PORT=4000\n", encoding="utf-16")
    monkeypatch.setitem(Settings.model_config, "env_file", env_file)
    assert _mistakes(monkeypatch) == [f"{env_file}: is not UTF-8 text; save it as UTF-8"]


def test_relative_paths_start_at_the_project_root_wherever_a_process_starts(
    monkeypatch: Environment, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IMDB_DATA", "elsewhere/data")
    monkeypatch.setenv("IMDB_SOURCE_FOLDER", "~/dumps")
    settings = load_settings()
    assert settings.data == PROJECT_ROOT / "elsewhere" / "data"
    assert settings.source_folder == Path.home() / "dumps"


def test_settings_do_not_change_once_read() -> None:
    settings = load_settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.engine = "spark"


def _example() -> str:
    """What `.env.example` must be: every variable once, commented out, with its description and default."""
    lines = ["# Copy this file to .env and uncomment the settings you change; environment variables override .env."]
    for name, field in Settings.model_fields.items():
        default = field.default
        shown = "" if default is None else default.relative_to(PROJECT_ROOT) if isinstance(default, Path) else default
        comment = fill(
            field.description or "", 118, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False
        )
        lines += ["", comment, f"# IMDB_{name.upper()}={shown}"]
    return "\n".join(lines) + "\n"


def test_the_example_file_has_every_variable_with_description_and_default() -> None:
    assert (PROJECT_ROOT / ".env.example").read_text(encoding="utf-8") == _example(), (
        "write it again: python -m imdb_assets_tests.unit.test_settings > .env.example"
    )


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_the_example_file_uncommented_is_the_default(monkeypatch: Environment, tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    example = (PROJECT_ROOT / ".env.example").read_text(encoding="utf-8")
    env_file.write_text(
        "\n".join(line.removeprefix("# ") for line in example.splitlines() if line.startswith("# IMDB_"))
    )
    without = load_settings()
    monkeypatch.setitem(Settings.model_config, "env_file", env_file)
    assert load_settings() == without


def _reads_environment(path: Path) -> list[str]:
    """Places that read variables of the environment; assignments to `os.environ[...]` and `.update` only write."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name | ast.alias):
            name = (
                node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else node.name
            )
            parent = parents.get(node)
            stored = isinstance(parent, ast.Subscript) and isinstance(parent.ctx, ast.Store)
            updated = isinstance(parent, ast.Attribute) and parent.attr == "update"
            if name in {"environ", "environb", "getenv", "getenvb"} and not stored and not updated:
                found.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
    return found


ALLOWED = ("settings.py:", "aws/deploy/trigger.py:")
"""The second runs on AWS Lambda, alone."""


def test_only_the_settings_read_the_environment() -> None:
    readers = [place for path in sorted(PACKAGE.rglob("*.py")) for place in _reads_environment(path)]
    assert [place for place in readers if not place.startswith(ALLOWED)] == []
    assert readers  # the search finds the one that does


if __name__ == "__main__":
    print(_example(), end="")  # noqa: T201 - to be redirected into .env.example


@pytest.mark.parametrize(
    ("name", "given"),
    [("IMDB_SMTP_URL", "smtp://me:hun/ter2@host:587"), ("IMDB_ALERT_WEBHOOK", "https://host:hunter2/x")],
)
def test_an_address_that_is_none_is_refused_and_not_shown(monkeypatch: Environment, name: str, given: str) -> None:
    monkeypatch.setenv(name, given)
    with pytest.raises(SettingsError, match=f"{name}: is not a valid address") as caught:
        load_settings()
    assert "hun" not in str(caught.value)
