"""Buckets as `imdb deploy` makes them, for tests that need no more of a deployment."""

from imdb_assets.aws import s3
from imdb_assets.aws.buckets import Buckets
from imdb_assets.lake.remote import register
from imdb_assets.lake.stored import REMOTE
from imdb_assets_tests.aws.emulators import REGION, Emulator


def make_buckets(emulator: Emulator, prefix: str) -> Buckets:
    """The buckets of a deployment; as `wiring` does, makes their addresses known to the lake."""
    made, buckets = emulator.client("s3"), Buckets(prefix)
    register(REMOTE, s3)
    for use in ("raw", "processed", "features", "artifacts", "results"):
        made.create_bucket(Bucket=buckets.name(use), CreateBucketConfiguration={"LocationConstraint": REGION})
    return buckets
