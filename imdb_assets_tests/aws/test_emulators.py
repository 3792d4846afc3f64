"""The emulators start, answer only on 127.0.0.1, and end with their process group."""

import subprocess
from pathlib import Path

import httpx
import pytest
from botocore.exceptions import ClientError

from imdb_assets_tests.aws import emulators
from imdb_assets_tests.aws.emulators import Emulator


def test_ministack_keeps_objects_and_honours_conditional_writes(aws: Emulator) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="first", CreateBucketConfiguration={"LocationConstraint": emulators.REGION})
    written = s3.put_object(Bucket="first", Key="a", Body=b"one", IfNoneMatch="*")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket="first", Key="a", Body=b"two", IfNoneMatch="*")
    s3.put_object(Bucket="first", Key="a", Body=b"two", IfMatch=written["ETag"])
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket="first", Key="a", Body=b"three", IfMatch=written["ETag"])
    assert s3.get_object(Bucket="first", Key="a")["Body"].read() == b"two"


def test_ministack_has_a_glue_catalog(aws: Emulator) -> None:
    glue = aws.client("glue")
    glue.create_database(DatabaseInput={"Name": "silver"})
    assert [found["Name"] for found in glue.get_databases()["DatabaseList"]] == ["silver"]


def test_moto_answers_for_sagemaker(moto: Emulator) -> None:
    assert moto.client("sagemaker").list_endpoints()["Endpoints"] == []


def test_an_emulator_ends_with_all_that_it_started(tmp_path: Path) -> None:
    if reason := emulators.missing():
        pytest.skip(reason)
    with emulators.ministack(tmp_path) as emulator:
        assert httpx.get(f"{emulator.url}/_ministack/health").is_success
    port = emulator.url.rpartition(":")[2]
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/")
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert str(tmp_path) not in listed
