#!/usr/bin/env bash
# Question: awswrangler writes a frame to S3 with partition_cols=["genre"]. What happens to a row whose genre is
#   missing?
# Guess: It goes to the folder genre=__HIVE_DEFAULT_PARTITION__, as with pyarrow and Spark, or the call fails.
# What happens: The row is not written. Nothing says so, and overwrite_partitions drops it in the same way. A genre
#   with a slash, "News/Talk", is stored in the folder "genre=News", below it "Talk", and comes back as "News". Years
#   of which one is missing become the folders "year=2001.0".
# Versions: awswrangler 3.17.1, pandas 3.1.1, pyarrow 25.0.1; S3 by moto 5.2.5.
# For a user: Compare the number of rows after the write. Fill missing values and encode slashes first, and turn years
#   into Int64.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile awswrangler==3.17.1 'moto[s3]==5.2.5' boto3==1.44.8 pandas==3.1.1 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import os
import warnings

warnings.filterwarnings("ignore")
os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="us-east-1")
import awswrangler as wr
import boto3
import moto
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

print("awswrangler", wr.__version__, "| moto", moto.__version__)
films = pd.DataFrame({"id": [1, 2, 3], "genre": ["Drama", None, "News/Talk"], "year": [2001, None, 2002]})
with moto.mock_aws():
    boto3.client("s3").create_bucket(Bucket="bucket")

    def stored(frame, column, **settings):
        """The ids and partition values that come back, and the folders."""
        root = f"s3://bucket/{column}/"
        wr.s3.to_parquet(frame, root, dataset=True, partition_cols=[column], **settings)
        back = wr.s3.read_parquet(root, dataset=True)
        folders = {path.removeprefix(root).rpartition("/")[0] for path in wr.s3.list_objects(root)}
        return sorted(zip(back["id"].tolist(), back[column].tolist())), sorted(folders)

    genres = stored(films[["id", "genre"]], "genre")
    expect("genres", genres, ([(1, "Drama"), (3, "News")], ["genre=Drama", "genre=News/Talk"]))
    years = stored(films[["id", "year"]], "year")
    expect("years", years, ([(1, "2001.0"), (3, "2002.0")], ["year=2001.0", "year=2002.0"]))
    again = stored(films[["id", "genre"]].iloc[1:2], "genre", mode="overwrite_partitions")
    expect("overwrite_partitions with the row without genre", again, genres)
pq.write_to_dataset(pa.Table.from_pandas(films[["id", "genre"]]), "local", partition_cols=["genre"])
back = pq.read_table("local").to_pydict()
expect("pyarrow's folders", sorted(os.listdir("local")), ["genre=Drama", "genre=News%2FTalk", "genre=__HIVE_DEFAULT_PARTITION__"])
expect("pyarrow", sorted(zip(back["id"], back["genre"])), [(1, "Drama"), (2, None), (3, "News/Talk")])
PY
