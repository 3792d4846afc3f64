"""Adds field ids to the elements of lists, which Spark's Parquet writer cannot do.

Spark takes a column's id from the column's metadata, but the elements of a list have no metadata. Parquet's own Java
library, which comes with Spark, can copy a file under a different schema without decompressing the file. The Java
library can write wherever Spark can write.
"""

from typing import TYPE_CHECKING, Any

from imdb_assets.contracts.parquet import FieldIds

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROW_GROUP_BYTES, PADDING_BYTES = 128 << 20, 8 << 20
"""Parquet's default sizes. The sizes have no effect here, because row groups are copied unchanged."""


def has_elements(ids: FieldIds) -> bool:
    """Whether the table has list columns."""
    return any("." in path for path in ids)


def identify_elements(session: "SparkSession", folder: str, ids: FieldIds) -> None:
    """Replaces all Parquet files below a folder or prefix by copies in which the elements of lists have field ids.

    Args:
        session: A session that can write to the folder.
        folder: The folder or prefix, which nobody but the caller may use.
        ids: All field ids of the table.
    """
    gateway: Any = session  # access to Java, for which PySpark has no public name
    jvm, conf = gateway._jvm, gateway._jsc.hadoopConfiguration()  # noqa: SLF001
    root = jvm.org.apache.hadoop.fs.Path(folder)
    files = root.getFileSystem(conf)
    found: Any = files.listFiles(root, True)  # noqa: FBT003 - Java's: with all folders in it
    paths: list[Any] = []
    while found.hasNext():
        path = found.next().getPath()
        if path.getName().endswith(".parquet"):
            paths.append(path)
    for path in paths:
        copy = jvm.org.apache.hadoop.fs.Path(path.getParent(), f".{path.getName()}")
        _copy(jvm, conf, path, copy, ids)
        files.delete(path, False)  # noqa: FBT003
        files.rename(copy, path)


def _copy(jvm: Any, conf: Any, path: Any, to: Any, ids: FieldIds) -> None:
    parquet = jvm.org.apache.parquet.hadoop
    source = parquet.util.HadoopInputFile.fromPath(path, conf)
    reader = parquet.ParquetFileReader.open(source)
    facts = reader.getFileMetaData()
    reader.close()
    columns = jvm.java.util.ArrayList()
    for column in facts.getSchema().getFields():
        element = ids.get(f"{column.getName()}.element")
        columns.add(column if element is None else _list_of(jvm, column, element))
    schema = jvm.org.apache.parquet.schema.MessageType(facts.getSchema().getName(), columns)
    writer = parquet.ParquetFileWriter(
        parquet.util.HadoopOutputFile.fromPath(to, conf),
        schema,
        getattr(parquet, "ParquetFileWriter$Mode").CREATE,
        ROW_GROUP_BYTES,
        PADDING_BYTES,
    )
    writer.start()
    writer.appendFile(source)
    writer.end(facts.getKeyValueMetaData())


def _list_of(jvm: Any, column: Any, element: int) -> Any:
    """A list column whose elements have the given id; Parquet nests elements as list > repeated group > element."""
    repeated = column.asGroupType().getType(0).asGroupType()
    return _with(jvm, column, _with(jvm, repeated, repeated.getType(0).withId(element)))


def _with(jvm: Any, group: Any, field: Any) -> Any:
    fields = jvm.java.util.ArrayList()
    fields.add(field)
    return group.asGroupType().withNewFields(fields)
