"""Buckets as `imdb deploy` makes them, for tests that need no more of a deployment."""

from imdb_assets.aws.buckets import Buckets
from imdb_assets_tests.aws.emulators import REGION, Emulator


def make_buckets(emulator: Emulator, prefix: str) -> Buckets:
    """The buckets of a deployment."""
    s3, buckets = emulator.client("s3"), Buckets(prefix)
    for use in ("raw", "processed", "features", "artifacts", "results"):
        s3.create_bucket(Bucket=buckets.name(use), CreateBucketConfiguration={"LocationConstraint": REGION})
    return buckets
