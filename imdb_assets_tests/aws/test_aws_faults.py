"""What AWS does to us, and what becomes of it: one word on the cause and the remedy, and nothing half published."""

import os
import re
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import boto3
import polars as pl
import pytest

from imdb_assets.aws import client, s3
from imdb_assets.aws.buckets import BucketHome, Buckets
from imdb_assets.aws.client import ATTEMPTS
from imdb_assets.aws.deploy import deployment
from imdb_assets.aws.s3_landing import S3Landing
from imdb_assets.aws.s3_models import S3ModelStore
from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.maintenance import Stores, maintain
from imdb_assets.lake.publish import publish
from imdb_assets.lake.table import Staged, Table
from imdb_assets.settings import Settings
from imdb_assets.wiring import lake_of
from imdb_assets_tests import lakes
from imdb_assets_tests.aws.buckets import make_buckets
from imdb_assets_tests.aws.conftest import forget, led_to
from imdb_assets_tests.aws.emulators import Emulator
from imdb_assets_tests.aws.faulty import Fault, faults
from imdb_assets_tests.lakes import NOTHING, People, people, rows

numbers = count()


@pytest.fixture
def buckets(aws: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Buckets]:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)
    yield make_buckets(aws, f"faults-{next(numbers)}")
    glue = client.client("glue")
    for database in glue.get_databases()["DatabaseList"]:
        for table in glue.get_tables(DatabaseName=database["Name"])["TableList"]:
            glue.delete_table(DatabaseName=database["Name"], Name=table["Name"])


@pytest.fixture
def lake(buckets: Buckets) -> Lake:
    return Lake(BucketHome(buckets))


def put(lake: Lake, version: int) -> Table:
    return lakes.put(lake, People, people(version))


def stage(lake: Lake, version: int) -> Staged:
    return lakes.stage(lake, People, people(version))


def _name(value: object) -> str:
    if isinstance(value, Fault):
        lost = "-after" if value.after else ""
        return f"{value.operation}-{value.code or 'closed'}{lost}"
    return re.sub(r"\W+", "-", str(value))[:20]


DENIED = "User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: glue:UpdateTable on resource: arn:x"

HOPELESS = [
    (Fault("s3.PutObject", "ExpiredToken", 400), "expired or wrong.*aws sso login", 1),
    (Fault("glue.GetTable", "ExpiredTokenException", 400), "expired or wrong.*aws sso login", 1),
    (Fault("glue.UpdateTable", "AccessDeniedException", 400, DENIED), "the permission glue:UpdateTable", 1),
    (Fault("s3.PutObject", "AccessDenied", 403), "the permission s3:PutObject", 1),
    (Fault("s3.GetObject", "AccessDenied", 403, key="metadata"), "the permission s3:GetObject", 1),
    (Fault("s3.PutObject", "NoSuchBucket", 404), "no such bucket.*imdb deploy", 1),
    (Fault("s3.PutObject", "SlowDown", 503), f"too busy, or had a fault, {ATTEMPTS} times", ATTEMPTS),
    (Fault("s3.PutObject", "InternalError", 500), f"too busy, or had a fault, {ATTEMPTS} times", ATTEMPTS),
    (Fault("glue.UpdateTable", "ThrottlingException", 400), f"too busy, or had a fault, {ATTEMPTS} times", ATTEMPTS),
    (Fault("glue.UpdateTable", "InternalServiceException", 500), "too busy, or had a fault", ATTEMPTS),
    (Fault("glue.UpdateTable"), "Check the network", ATTEMPTS),
]


@pytest.mark.parametrize(("fault", "words", "attempts"), HOPELESS, ids=_name)
def test_a_publish_that_fails_leaves_what_readers_had(lake: Lake, fault: Fault, words: str, attempts: int) -> None:
    before = put(lake, 1)
    staged = stage(lake, 2)
    fault.met = 0
    with faults(fault), pytest.raises(LakeError, match=f"gold.people.*{words}"):
        publish(lake, People, staged, {})
    assert attempts <= fault.met <= 2 * attempts  # two manifests are written at once
    assert lake.table(People.table) == before
    assert rows(before) == people(1).to_dicts()
    assert rows(put(lake, 3)) == people(3).sort("nconst").to_dicts()


@pytest.mark.parametrize(
    "said",
    [
        "Could not assume role arn:aws:iam::1:role/imdb-endpoint. Please ensure that the role exists and allows it.",
        "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
        "Role arn:aws:iam::1:role/imdb-glue-job should be given assume role permissions for Glue Service.",
    ],
)
def test_a_role_that_is_missing_has_a_remedy(said: str) -> None:
    words = client.in_words("ValidationException", said, "CreateModel", 400)
    assert said.rstrip(".") in words
    assert "Run `imdb deploy`" in words


PASSING = [
    Fault("s3.PutObject", "SlowDown", 503, times=2),
    Fault("s3.GetObject", "InternalError", 500, times=2),
    Fault("glue.GetTable", "ThrottlingException", 400, times=2),
    Fault("glue.UpdateTable", "ThrottlingException", 400, times=2),
    Fault("glue.UpdateTable", times=2),
]


@pytest.mark.parametrize("fault", PASSING, ids=_name)
def test_what_passes_is_waited_for(lake: Lake, fault: Fault) -> None:
    put(lake, 1)
    fault.met = 0
    with faults(fault):
        after = put(lake, 2)
    assert fault.met == 2
    assert rows(after) == people(2).sort("nconst").to_dicts()
    assert len(lake.history(People.table)) == 2


LOST = [
    Fault("s3.PutObject", "InternalError", 500, times=1, after=True, key=".metadata.json"),
    Fault("s3.PutObject", times=1, after=True, key=".avro"),
    Fault("glue.UpdateTable", times=1, after=True),
    Fault("glue.UpdateTable", "InternalServiceException", 500, times=1, after=True),
    Fault("glue.UpdateTable", "AccessDeniedException", 400, times=1, after=True),
]


@pytest.mark.parametrize("fault", LOST, ids=_name)
def test_a_publish_counts_whose_answer_was_lost(lake: Lake, fault: Fault) -> None:
    put(lake, 1)
    fault.met = 0
    with faults(fault):
        after = put(lake, 2)
    assert fault.met == 1
    assert rows(after) == people(2).sort("nconst").to_dicts()
    assert [snapshot.snapshot_id for snapshot in lake.history(People.table)][-1] == after.snapshot_id
    assert len(lake.history(People.table)) == 2


def test_a_first_publish_counts_whose_answer_was_lost(lake: Lake) -> None:
    with faults(Fault("glue.CreateTable", times=1, after=True)):
        assert rows(put(lake, 1)) == people(1).to_dicts()


def test_the_slower_of_two_writers_is_told_and_changes_nothing(lake: Lake, buckets: Buckets) -> None:
    put(lake, 1)
    staged = stage(lake, 2)
    other = Lake(BucketHome(buckets))
    events = client.client("glue").meta.events

    def faster(**_: object) -> None:
        events.unregister("before-send.glue.UpdateTable", faster)
        put(other, 3)

    events.register_first("before-send.glue.UpdateTable", faster)
    with pytest.raises(LakeError, match="another run published this table meanwhile"):
        publish(lake, People, staged, {})
    assert rows(lake.table(People.table)) == people(3).sort("nconst").to_dicts()


def test_a_move_of_the_model_pointer_counts_whose_answer_was_lost(buckets: Buckets, tmp_path: Path) -> None:
    store = S3ModelStore(tmp_path, buckets)
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "record.json").write_text("{}")
    store.keep(store.version("one"))
    fault = Fault("s3.PutObject", "InternalError", 500, times=1, after=True, key="current.json")
    with faults(fault):
        store.promote("one", "anna")
    assert fault.met == 1
    assert [move.version for move in store.moves()] == ["one"]


def test_polars_says_it_as_we_do(lake: Lake, buckets: Buckets) -> None:
    frame, options = pl.LazyFrame({"a": [1]}), s3.polars_options()
    with (
        pytest.raises(LakeError, match=r"silver\.films: not staged: there is no such bucket.*imdb deploy"),
        lake.home.errors("silver.films: not staged"),
    ):
        frame.sink_parquet("s3://nobody-has-this-one/0.parquet", storage_options=options)
    with (
        pytest.raises(LakeError, match=r"silver\.films: not read: GetObject failed"),
        lake.home.errors("silver.films: not read"),
    ):
        pl.scan_parquet(f"{buckets.of('raw')}/nothing.parquet", storage_options=options).collect()
    with pytest.raises(OSError, match="No such file"), lake.home.errors("not ours"):
        pl.scan_parquet("/no/such/file.parquet").collect()


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Neither keys nor a region."""
    with led_to({"AWS_EC2_METADATA_DISABLED": "true"}):
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_ENDPOINT_URL"):
            monkeypatch.delenv(name, raising=False)
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            monkeypatch.setenv(name, os.devnull)
        monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
        forget()
        yield monkeypatch


def test_without_credentials_or_region_the_remedy_is_named(bare: pytest.MonkeyPatch) -> None:
    with pytest.raises(LakeError, match="Set AWS_REGION"):
        client.client("glue")
    forget()
    bare.setenv("AWS_REGION", "eu-central-1")
    with pytest.raises(LakeError, match="aws sso login"), client.aws_errors("x"):
        client.client("s3").list_buckets()


@pytest.mark.parametrize(
    ("variables", "region"),
    [
        ({"AWS_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-2"),
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-1"),
        ({"AWS_PROFILE": "work"}, "eu-west-3"),
        ({"AWS_REGION": "eu-west-1", "AWS_PROFILE": "work"}, "eu-west-1"),
    ],
)
def test_aws_region_is_what_every_client_asks(
    bare: pytest.MonkeyPatch, tmp_path: Path, variables: dict[str, str], region: str
) -> None:
    (tmp_path / "config").write_text("[profile work]\nregion = eu-west-3\n")
    bare.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    for name, value in variables.items():
        bare.setenv(name, value)
    assert (client.region(), client.client("s3").meta.region_name) == (region, region)
    assert s3.polars_options()["aws_region"] == region
    assert boto3.Session().region_name == region, "SageMaker's SDK makes one of its own"


@pytest.mark.parametrize("region", ["Frankfurt", "xx-nowhere-1"])
def test_an_unknown_region_is_named_before_any_request(bare: pytest.MonkeyPatch, region: str) -> None:
    bare.setenv("AWS_REGION", region)
    with pytest.raises(LakeError, match=rf"Unknown region: '{region}'.*Set AWS_REGION to the buckets' region"):
        deployment.place_of(Settings())


def test_who_aws_takes_us_for_is_asked_once_and_within_seconds(aws: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.identity(5) == "arn:aws:iam::000000000000:root"
    with monkeypatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        with pytest.raises(LakeError, match=r"AWS cannot identify us: Could not connect.* Check the network"):
            client.identity(0.2)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    forget()
    with pytest.raises(LakeError, match=r"AWS cannot identify us: Unable to locate credentials\. Log in"):
        client.identity(0.2)
    forget()


def test_without_the_sdk_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore.exceptions", None)
    with pytest.raises(LakeError, match=r"IMDB_LAKE=s3\): botocore is not installed\. Install AWS's SDK \(make aws\)"):
        lake_of(Settings(lake="s3"))


def test_two_deployments_have_tables_of_their_own_and_a_database_of_somebody_else_is_refused(aws: Emulator) -> None:
    one, other = (Lake(BucketHome(make_buckets(aws, f"own-{number}"))) for number in (1, 2))
    put(one, 1)
    assert other.names() == []
    put(other, 2)
    assert [rows(lake.table(People.table)) for lake in (one, other)] == [
        people(version).sort("nconst").to_dicts() for version in (1, 2)
    ]
    assert one.names() == other.names() == [People.table]
    schema = People.table.partition(".")[0]
    foreign = {"Name": f"own_3_{schema}", "LocationUri": "s3://sales/tables"}
    aws.client("glue").create_database(DatabaseInput=foreign)
    with pytest.raises(LakeError, match=rf"own_3_{schema} keeps its tables at s3://sales"):
        put(Lake(BucketHome(make_buckets(aws, "own-3"))), 1)


def test_maintenance_removes_what_nothing_needs_and_no_more(lake: Lake, buckets: Buckets, tmp_path: Path) -> None:
    put(lake, 1)
    stage(lake, 2)  # a run that failed
    last = put(lake, 3)
    time.sleep(1.1)  # S3 tells times in seconds
    stores = Stores(lake, S3Landing(tmp_path / "l", buckets), S3ModelStore(tmp_path / "m", buckets), tmp_path / "s")
    would = maintain(stores, NOTHING, dry_run=True)
    assert len(lake.history(People.table)) == 2
    removed = maintain(stores, NOTHING)
    assert [(one.kind, one.files) for one in removed] == [(one.kind, one.files) for one in would]
    assert [one.kind for one in removed] == ["snapshot", "unreferenced"]
    assert [snapshot.snapshot_id for snapshot in lake.history(People.table)] == [last.snapshot_id]
    assert rows(last) == people(3).sort("nconst").to_dicts()
    time.sleep(1.1)
    maintain(stores, NOTHING)  # the metadata that the expiry has superseded
    assert [one.address.rpartition(".")[2] for one in lake.home.files(People.table)].count("parquet") == 1
    assert maintain(stores, NOTHING) == []
