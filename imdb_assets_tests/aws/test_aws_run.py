"""The counter of requests (`aws_run.py`): it hands everything on, and knows what AWS charges for."""

import threading
from collections.abc import Iterator

import boto3
import polars as pl
import pytest
from botocore.config import Config

from imdb_assets_tests.aws import emulators
from imdb_assets_tests.aws.aws_run import Proxy, classified
from imdb_assets_tests.aws.emulators import REGION, Emulator

SIGNED = f"AWS4-HMAC-SHA256 Credential=test/20261124/{REGION}/{{}}/aws4_request, SignedHeaders=host"


@pytest.mark.parametrize(
    ("method", "path", "service", "kind"),
    [
        ("PUT", "/bucket/key", "s3", ("s3 write", "put")),
        ("PUT", "/bucket/key?partNumber=1&uploadId=x", "s3", ("s3 write", "part")),
        ("POST", "/bucket/key?uploads", "s3", ("s3 write", "multipart")),
        ("GET", "/bucket?list-type=2&prefix=a", "s3", ("s3 write", "list")),
        ("GET", "/bucket/key", "s3", ("s3 read", "get")),
        ("HEAD", "/bucket/key", "s3", ("s3 read", "head")),
        ("DELETE", "/bucket/key", "s3", ("s3 delete", "delete")),
        ("POST", "/bucket?delete", "s3", ("s3 delete", "delete")),
        ("POST", "/", "glue", ("glue", "glue")),
    ],
)
def test_requests_are_told_apart_as_aws_charges_them(
    method: str, path: str, service: str, kind: tuple[str, str]
) -> None:
    assert classified(method, path, SIGNED.format(service)) == kind


@pytest.fixture
def proxy(aws: Emulator) -> Iterator[Proxy]:
    started = Proxy(int(aws.url.rpartition(":")[2]))
    threading.Thread(target=started.serve_forever, daemon=True).start()
    yield started
    started.shutdown()
    started.server_close()


def test_what_is_counted_is_done(aws: Emulator, proxy: Proxy) -> None:
    url = f"http://127.0.0.1:{proxy.server_address[1]}"
    s3 = boto3.client("s3", endpoint_url=url, region_name=REGION, config=Config(s3={"addressing_style": "path"}))
    s3.create_bucket(Bucket="counted", CreateBucketConfiguration={"LocationConstraint": REGION})
    frame = pl.DataFrame({"number": range(1000)})
    options = {**{name.lower(): value for name, value in emulators.environment(url).items()}}
    options = {name: options[name] for name in ("aws_access_key_id", "aws_secret_access_key", "aws_region")}
    where = {**options, "aws_endpoint_url": url, "aws_allow_http": "true"}
    frame.lazy().sink_parquet("s3://counted/a.parquet", storage_options=where)
    assert pl.read_parquet("s3://counted/a.parquet", storage_options=where).equals(frame)
    assert [one["Key"] for one in s3.list_objects_v2(Bucket="counted")["Contents"]] == ["a.parquet"]
    operations = proxy.counted.operations
    assert operations["list"] == 1
    assert operations["put"] >= 2  # the bucket and the file
    assert operations["get"] >= 1
    assert proxy.counted.read_bytes > 0
