"""What a run asks of S3 is recorded: what boto3 sends to the request, what Polars sends about; and what it costs."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ConnectionClosedError

from imdb_assets.aws import s3, s3_requests
from imdb_assets.aws.client import client
from imdb_assets.contracts.ops import Costs
from imdb_assets.defs.ops.costs import costs
from imdb_assets.defs.ops.run_log import S3_REQUESTS, reason
from imdb_assets.wiring import lake_of
from imdb_assets_tests.aws.aws_run import Proxy
from imdb_assets_tests.aws.buckets import make_buckets
from imdb_assets_tests.aws.conftest import led_to
from imdb_assets_tests.aws.emulators import Emulator, environment
from imdb_assets_tests.support import folder_settings, look, materialize, write_tiny_dumps

PREFIX = "imdb-asked"
ASSETS = [f"{layer}/title_{dump}" for layer in ("landing", "bronze") for dump in ("basics", "ratings")] + [
    "silver/movies"
]


@pytest.fixture(scope="module")
def proxy(aws: Emulator) -> Iterator[Proxy]:
    """Between this process and S3."""
    make_buckets(aws, PREFIX)
    started = Proxy(int(aws.url.rpartition(":")[2]))
    threading.Thread(target=started.serve_forever, daemon=True).start()
    with led_to(environment(f"http://127.0.0.1:{started.server_address[1]}")):
        yield started
    started.shutdown()
    started.server_close()


def test_a_runs_requests_are_counted_and_priced_also_if_it_fails(proxy: Proxy, tmp_path: Path) -> None:
    dumps = write_tiny_dumps(tmp_path / "dumps")
    settings = folder_settings(dumps, tmp_path / "data", lake="s3", aws_prefix=PREFIX)
    with dg.DagsterInstance.ephemeral() as instance:
        before = proxy.counted.requests.copy()
        run = materialize(settings, *ASSETS, instance=instance)
        assert run.failures == {}
        asked = proxy.counted.requests - before
        polars = proxy.counted.by_polars
        sent = requests_of(instance, run.result.run_id)
        assert sent["writes"] == asked["s3 write"] - polars["s3 write"] > 0
        assert sent["reads"] == asked["s3 read"] - polars["s3 read"] > 0
        assert sent["estimated_writes"] == polars["s3 write"] > 0
        assert 0.5 < sent["estimated_reads"] / polars["s3 read"] < 2

        (dumps / "title.ratings.tsv.gz").write_bytes(b"no gzip")
        failed = materialize(settings, "landing/title_ratings", instance=instance)
        assert failed.failures
        assert requests_of(instance, failed.result.run_id)["reads"] > 0

        looked = look(settings, instance, costs)
        assert [reason(event) for event in looked.get_step_failure_events()] == []
        found = lake_of(settings).table(Costs.table).scan().collect()
    of_the_run = found.filter(pl.col("run_id") == run.result.run_id)
    quantities = {(row["item"], row["known"]): row["quantity"] for row in of_the_run.iter_rows(named=True)}
    assert quantities == {
        ("s3_writes", "counted"): sent["writes"],
        ("s3_reads", "counted"): sent["reads"],
        ("s3_writes", "estimated"): sent["estimated_writes"],
        ("s3_reads", "estimated"): sent["estimated_reads"],
    }
    assert of_the_run["usd"].sum() == pytest.approx(
        (sent["writes"] + sent["estimated_writes"]) * 5e-6 + (sent["reads"] + sent["estimated_reads"]) * 4e-7
    )
    assert failed.result.run_id in found["run_id"]


def requests_of(instance: dg.DagsterInstance, run_id: str) -> dict[str, int]:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    return json.loads(run.tags[S3_REQUESTS])


def test_every_attempt_counts_and_what_is_free_does_not(proxy: Proxy) -> None:
    bucket = f"s3://{PREFIX}-000000000000-eu-central-1-raw"
    before, deleted = s3_requests.sent(), proxy.counted.requests["s3 delete"]
    s3.put(f"{bucket}/a", b"a")
    s3.get(f"{bucket}/a")
    s3.head(f"{bucket}/a")
    s3.listing(f"{bucket}/")
    s3.remove([f"{bucket}/a"])
    assert s3_requests.sent() - before == {"writes": 2, "reads": 2}
    assert proxy.counted.requests["s3 delete"] == deleted + 1
    before, lost = s3_requests.sent(), iter([True, True])

    def lose(request: AWSPreparedRequest, **_: Any) -> None:
        if next(lost, False):
            raise ConnectionClosedError(endpoint_url=request.url)

    events = client("s3").meta.events
    events.register_last("before-send.s3", lose)
    try:
        s3.put(f"{bucket}/a", b"a")
    finally:
        events.unregister("before-send.s3", lose)
    assert s3_requests.sent() - before == {"writes": 3}
