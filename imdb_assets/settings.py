"""The settings of a deployment and their defaults in each profile; no other module reads the environment.

`IMDB_PROFILE` chooses the defaults of other settings; each of these settings can still be set by itself. A value comes
from the environment or, if the environment does not set it, from `.env` in the project root. Relative paths start at
the project root.
"""

import os
import re
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from dotenv.parser import parse_stream
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Profile = Literal["local", "daily", "aws"]
SourceKind = Literal["sample", "folder", "imdb"]
LakeKind = Literal["folder", "s3"]
EngineKind = Literal["polars", "spark", "glue"]
HostKind = Literal["none", "instance", "task"]
TrainingKind = Literal["here", "sagemaker"]
Trigger = Literal["schedule", "sensor", "external"]

PROFILES: dict[Profile, dict[str, Any]] = {
    "local": {},  # keeps the defaults of the fields below: a generated sample, and no scheduled run
    "daily": {"source": "imdb", "schedule": "running"},  # loads IMDb's own dumps every night
    "aws": {"source": "imdb", "engine": "glue", "lake": "s3"},  # uses the resources on AWS that `imdb deploy` made
}

SPARK = re.compile(r"local(\[(\*|\d+)\])?|yarn|spark://[^/:]+:\d+(,[^/:]+:\d+)*|k8s://.+|sc://[^/:;]+(:\d+)?(/(;.*)?)?")
"""Pattern of the addresses that Spark accepts for a session."""

PROJECT_ROOT = Path(__file__).resolve().parent.parent
GENERATED = "GENERATED.txt"
"""The file that `imdb sample` writes beside its dumps; without this file, pages name IMDb as the dumps' source."""

_ADDRESS, _TABLES = r"^https?://", r"^[a-z_]+\.[a-z_]+(,[a-z_]+\.[a-z_]+)*$"
_TOPIC, _PREFIX = r"^arn:aws[a-z-]*:sns:", r"^[a-z][a-z0-9-]{1,17}$"
_IN_WORDS = {
    _ADDRESS: "an address that begins with http:// or https://",
    _TABLES: "names of tables, such as silver.credits, separated by commas without blanks",
    _TOPIC: "the ARN of an SNS topic, such as arn:aws:sns:eu-west-1:123456789012:alerts",
    _PREFIX: "2 to 18 lower-case letters, digits and hyphens, beginning with a letter",
}
"""Maps a setting's pattern to a description of the values that it allows."""


class SettingsError(Exception):
    """The environment does not describe a valid deployment; the message has one line per mistake."""


class Settings(BaseSettings):
    """The settings of one deployment. `load_settings` reads the settings, and turns mistakes into readable lines."""

    model_config = SettingsConfigDict(
        env_prefix="IMDB_", env_file=PROJECT_ROOT / ".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    profile: Profile = Field(
        default="local",
        description=(
            "A set of defaults for the settings below: local, daily (IMDB_SOURCE=imdb, IMDB_SCHEDULE=running) or aws "
            "(IMDB_SOURCE=imdb, IMDB_ENGINE=glue, IMDB_LAKE=s3)."
        ),
    )
    source: SourceKind = Field(
        default="sample",
        description="Where dumps come from: sample (generated), folder (IMDB_SOURCE_FOLDER) or imdb (HTTPS).",
    )
    source_folder: Path | None = Field(
        default=None, description="Folder with IMDb's seven .tsv.gz dumps, for IMDB_SOURCE=folder."
    )
    sample_titles: int = Field(
        default=300_000,
        ge=20_000,
        description="Number of titles in the generated sample, at least 20,000; a smaller sample has too few films to "
        "score a model.",
    )
    sample_seed: int = Field(default=7, ge=0, description="Seed of the generated sample.")
    accept_terms: Literal["yes", "no"] = Field(
        default="no",
        description="Whether you accept IMDb's non-commercial terms (`yes` or `no`); IMDB_SOURCE=imdb requires `yes`.",
    )
    dumps_url: str = Field(
        default="https://datasets.imdbws.com", pattern=_ADDRESS, description="Address of IMDb's dumps."
    )
    dump_date: date | None = Field(
        default=None,
        description="Date of the dumps, such as 2026-01-31, if the dumps' files have lost their modification times.",
    )
    dated_dumps: Path | None = Field(
        default=None,
        description="Folder of earlier dumps for silver/rating_history, laid out as 2026-01-31/title.ratings.tsv.gz.",
    )
    data: Path = Field(
        default=PROJECT_ROOT / ".data",
        description="Folder of the landing zone, the lake and the models; a relative path starts at the project root.",
    )
    lake: LakeKind = Field(
        default="folder",
        description=(
            "Where dumps, tables and models are kept: folder (below IMDB_DATA) or s3 (the buckets that `imdb deploy` "
            "has made, with Glue's catalog)."
        ),
    )
    engine: EngineKind = Field(
        default="polars",
        description=(
            "Where transforms run: polars (in process), spark (at IMDB_SPARK, installed by make spark) or glue (jobs "
            "on AWS for the tables of IMDB_GLUE_TABLES, polars for all other tables)."
        ),
    )
    spark: str = Field(
        default="local[*]",
        repr=False,
        description=(
            "Address of Spark: a master (local[*], spark://host:7077, yarn, k8s://…), or Spark Connect "
            "(sc://host:15002/;token=…). If Spark runs on several machines, keep the lake on "
            "S3, or in a folder that all these machines share under the same path."
        ),
    )
    glue_tables: str = Field(
        default="silver.credits,gold.person_reputation",  # the heaviest tables according to benchmarks/heavy_tables.py
        pattern=_TABLES,
        description="Tables that Glue jobs make if IMDB_ENGINE=glue; name the tables whose transforms are heavy.",
    )
    max_bad_share: float = Field(
        default=0.001,
        ge=0,
        le=1,
        description="Largest share of unreadable lines in a dump; if a dump exceeds the share, its bronze table fails.",
    )
    max_drop: float = Field(
        default=0.05,  # 5 %: IMDb's dumps shrink by far less than 1 % a day; a truncated dump may lack most lines
        ge=0,
        le=1,
        description="Largest share of lines that a new dump may lack, compared with the previous dump; if a dump "
        "exceeds the share, its bronze table fails.",
    )
    serving_port: int = Field(default=8017, ge=1024, le=65535, description="Loopback port of the model server.")
    ui_port: int = Field(default=3000, ge=1024, le=65535, description="Loopback port of Dagster's UI.")
    grafana_url: str | None = Field(
        default=None,
        pattern=_ADDRESS,
        description="Address of the Grafana server to push the dashboards to; if unset, dashboards are only written to "
        "files.",
    )
    grafana_token: SecretStr | None = Field(
        default=None,
        description="Token of a Grafana service account that may edit folders and dashboards, for IMDB_GRAFANA_URL.",
    )
    trigger: Trigger = Field(
        default="schedule",
        description=(
            "What starts the daily run: schedule (02:00 UTC), sensor (as soon as all dumps are new) or external "
            "(another program, over GraphQL). Dagster gets only the chosen trigger, so that no daily run starts twice."
        ),
    )
    schedule: Literal["stopped", "running"] = Field(
        default="stopped",
        description=(
            "Initial state of the schedules and sensors; each can be turned on or off in Dagster's UI, and none works "
            "unless `make ui` is running."
        ),
    )
    ui_url: str | None = Field(
        default=None,
        pattern=_ADDRESS,
        description="Address of Dagster's UI for the links in alerts; by default, http://127.0.0.1 and the UI's port.",
    )
    alert_webhook: SecretStr | None = Field(
        default=None, description="Address to POST alerts to, as JSON with a `text` key, which chat programs accept."
    )
    alert_email: str | None = Field(
        default=None, description="E-mail addresses that get alerts, separated by commas; needs IMDB_SMTP_URL."
    )
    alert_email_from: str = Field(default="imdb-assets@localhost", description="Sender address of alerts by e-mail.")
    smtp_url: SecretStr | None = Field(
        default=None, description="Mail server: smtp://user:password@host:587, or smtps:// for TLS from the start."
    )
    alert_topic: str | None = Field(
        default=None, pattern=_TOPIC, description="ARN of the SNS topic that alerts are published to."
    )
    cloudwatch_namespace: str | None = Field(
        default=None, description="CloudWatch namespace to publish metrics to; if unset, no metrics are published."
    )

    aws_prefix: str = Field(
        default="imdb-assets",
        pattern=_PREFIX,
        description="Prefix of the name of everything that `imdb deploy` creates on AWS.",
    )
    host: HostKind = Field(
        default="none",
        description="Host of Dagster on AWS: none (Dagster runs here), instance (always on) or task (one per run).",
    )
    training: TrainingKind = Field(
        default="here",
        description="Where the served models are trained: here (in the run's process) or sagemaker (a job on AWS).",
    )
    ui_token: str = Field(
        default="",
        repr=False,
        description="Token that clients must send to Dagster's webserver on a host; `imdb deploy` makes the token.",
    )
    aws_alert_email: str = Field(
        default="", description="E-mail address that gets alerts from AWS; if empty, nobody gets these alerts."
    )
    budget_usd: float | None = Field(
        default=None,
        gt=0,
        description=(
            "Monthly budget in US dollars, host included; by default $10 more than the host costs. Glue jobs, training "
            "jobs and `imdb endpoint up` are refused if they would exceed the budget. The budget never stops a job or "
            "endpoint that is already running."
        ),
    )

    @model_validator(mode="before")
    @classmethod
    def _profile_defaults(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {**PROFILES.get(values.get("profile", "local"), {}), **values}

    @field_validator("data", "source_folder", "dated_dumps")
    @classmethod
    def _from_the_project_root(cls, path: Path | None) -> Path | None:
        """Makes a folder's path absolute, so that processes started in different places use the same folder."""
        try:
            path = path and PROJECT_ROOT / path.expanduser()
        except RuntimeError as error:
            raise ValueError("a folder; no user of this machine has the name that follows `~`") from error
        there = path and next(one for one in (path, *path.parents) if os.path.exists(one))  # noqa: PTH110 - never raises
        if there and not os.path.isdir(there):  # noqa: PTH112 - same
            raise ValueError(f"a folder, which need not exist yet; {there} is a file")
        if there and not os.access(there, os.X_OK):
            raise ValueError(f"only a folder to which you have access; you have no permission to open {there}")
        return path

    @model_validator(mode="after")
    def _axes_fit_together(self) -> "Settings":
        if self.source == "folder" and self.source_folder is None:
            raise ValueError(
                "IMDB_SOURCE_FOLDER: missing, but IMDB_SOURCE=folder needs it; set it to a folder of dumps"
            )
        if self.engine == "glue" and self.lake != "s3":
            raise ValueError(
                f"IMDB_ENGINE: glue cannot read a lake with IMDB_LAKE={self.lake}; set IMDB_LAKE=s3 for glue, or use "
                "polars or spark, which can read a lake in a folder or on S3"
            )
        if not SPARK.fullmatch(self.spark):
            raise ValueError(
                "IMDB_SPARK: is neither a master (local[*], spark://host:7077, yarn, k8s://https://host:443) nor a "
                "Spark Connect address (sc://host:15002/;token=…); the value is not shown, because it may hold a token"
            )
        if self.grafana_url and self.grafana_token is None:
            raise ValueError(
                "IMDB_GRAFANA_TOKEN: missing, but IMDB_GRAFANA_URL needs it; make a service account's token in Grafana"
            )
        if self.source == "imdb" and self.accept_terms != "yes":
            raise ValueError(
                "IMDB_ACCEPT_TERMS: must be `yes` for IMDB_SOURCE=imdb; read "
                "https://developer.imdb.com/non-commercial-datasets/ and set IMDB_ACCEPT_TERMS=yes if you accept "
                "the terms"
            )
        if self.alert_email and self.smtp_url is None:
            raise ValueError(
                "IMDB_SMTP_URL: missing, but IMDB_ALERT_EMAIL needs it; set it to smtp://host:25 or similar"
            )
        if self.smtp_url and not self.smtp_url.get_secret_value().startswith(("smtp://", "smtps://")):
            raise ValueError("IMDB_SMTP_URL: must begin with smtp:// or smtps://")
        for name in ("smtp_url", "alert_webhook"):
            secret: SecretStr | None = getattr(self, name)
            if secret and not _is_address(secret.get_secret_value()):
                raise ValueError(
                    f"IMDB_{name.upper()}: is not a valid address; the value is not shown, because it may hold a "
                    "password. The port must be a number, and a password must have `%2F` instead of `/` and "
                    "`%3A` instead of `:`"
                )
        return self

    @property
    def on_aws(self) -> list[str]:
        """Settings that need AWS, written as in the environment; empty if nothing is on AWS."""
        axes = {"lake": "s3", "engine": "glue", "training": "sagemaker"}
        return [
            *(_variable(name) for name in ("alert_topic", "cloudwatch_namespace") if getattr(self, name) is not None),
            *(f"{_variable(name)}={value}" for name, value in axes.items() if getattr(self, name) == value),
        ]

    @property
    def ui_address(self) -> str:
        """Address of Dagster's UI, without a slash at the end."""
        return (self.ui_url or f"http://127.0.0.1:{self.ui_port}").rstrip("/")

    @property
    def landing_folder(self) -> Path:
        """Folder of the landed dumps or, if the lake is on S3, of the dumps that are being downloaded."""
        return self.data / "landing"

    @property
    def lake_folder(self) -> Path:
        """Warehouse folder of the Iceberg catalog."""
        return self.data / "lake"

    @property
    def samples_folder(self) -> Path:
        """Folder of generated samples."""
        return self.data / "sample"

    @property
    def models_folder(self) -> Path:
        """Folder of model versions, or of copies of the versions on S3."""
        return self.data / "models"

    def is_sample(self, place: str) -> bool:
        """Whether the dumps in the given folder, or at the given address, are a generated sample."""
        return Path(place).parent.resolve() == self.samples_folder.resolve() or Path(place, GENERATED).is_file()

    @property
    def titles_folder(self) -> Path:
        """Folder of the index of all titles."""
        return self.data / "titles"

    @property
    def pages_folder(self) -> Path:
        """Folder of files for dashboards: the script that draws the local charts, and the JSON for Grafana."""
        return self.data / "pages"


def _is_address(text: str) -> bool:
    """Whether an address has a host, and either a valid port or no port."""
    try:
        parts = urlsplit(text)
        return bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def load_settings() -> Settings:
    """Reads the deployment that the environment describes.

    Raises:
        SettingsError: One or more settings are wrong. For each wrong setting, the message has a line with the variable,
            its value, and the values that are allowed. Unknown `IMDB_` variables are mistakes too, so that misspelt
            names are noticed.
    """
    in_file, mistakes = _names_in_file()
    mistakes += _unknown({*os.environ, *in_file})
    try:
        settings = Settings()
    except ValidationError as error:
        mistakes += [_line(item) for item in error.errors()]
    else:
        if not mistakes:
            return settings
    raise SettingsError("\n".join(mistakes))


def dagster_home() -> str | None:
    """Folder of Dagster's instance; None if the environment does not name one."""
    return os.environ.get("DAGSTER_HOME")


def aws_region() -> str | None:
    """The value of AWS_REGION, which AWS's SDK for Python does not read by itself; None if the variable is not set."""
    return os.environ.get("AWS_REGION")


def variables() -> list[str]:
    """Names of all `IMDB_` environment variables that this project knows."""
    return [_variable(name) for name in Settings.model_fields]


def _variable(field: str) -> str:
    return f"IMDB_{field.upper()}"


def _names_in_file() -> tuple[set[str], list[str]]:
    """Names of the variables in `.env`, and the file's mistakes; values are not shown, because they may be secret.

    Raises:
        SettingsError: The file is not text.
    """
    env_file = Settings.model_config.get("env_file")
    if not isinstance(env_file, Path) or not env_file.is_file():
        return set(), []
    try:
        text = env_file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(f"{env_file}: is not UTF-8 text; save it as UTF-8") from error
    found = [*parse_stream(StringIO(text))]
    wrong = [one.original for one in found if one.error or (one.value is None and (one.key or "").startswith("IMDB_"))]
    # for a statement after blank lines, python-dotenv gives the number of the first blank line
    lines = [one.line + len(one.string) - len(one.string.lstrip("\n")) for one in wrong]
    mistakes = [f"{env_file}, line {line}: expected NAME=value, with every quote closed" for line in lines]
    return {one.key for one in found if one.key}, mistakes


def _unknown(given: set[str]) -> list[str]:
    unknown = sorted(name for name in given if name.startswith("IMDB_") and name not in variables())
    return [f"{name}: unknown setting; known: {', '.join(variables())}" for name in unknown]


def _line(item: Any) -> str:
    if not item["loc"]:
        return str(item["ctx"]["error"]) if "ctx" in item else item["msg"]
    field = str(item["loc"][0])
    match item["type"]:
        case "literal_error":
            allowed = f"one of {', '.join(map(str, get_args(Settings.model_fields[field].annotation)))}"
        case "string_pattern_mismatch":
            allowed = _IN_WORDS[item["ctx"]["pattern"]]
        case _:
            allowed = re.sub("^(Input should be |Value error, )", "", item["msg"])
    given = item["input"]
    if field.endswith("_url"):
        given = re.sub(r"^(\w+://)?.*@", r"\1…@", given)  # an address may hold a user's name and password
    return f"{_variable(field)}: got {given!r}, allowed: {allowed}"
