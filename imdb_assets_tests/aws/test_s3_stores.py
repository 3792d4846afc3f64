"""Objects, landing zone and model store on S3: encrypted, in parts, conditional, and nothing moved behind a back."""

import hashlib
import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path

import polars as pl
import pytest

from imdb_assets.aws import s3, s3_models
from imdb_assets.aws.buckets import Buckets
from imdb_assets.aws.s3_landing import S3Landing
from imdb_assets.aws.s3_models import S3ModelStore
from imdb_assets.defs.models import service
from imdb_assets.lake.errors import DamagedError, LakeError
from imdb_assets.lake.files import parquet_files, storage_options, writing
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.models import ModelVersion
from imdb_assets.monitoring import measure
from imdb_assets.sources.folder import FolderSource
from imdb_assets_tests.aws.buckets import make_buckets
from imdb_assets_tests.aws.emulators import Emulator
from imdb_assets_tests.support import write_dump

numbers = count()


@pytest.fixture
def buckets(aws: Emulator) -> Buckets:
    return make_buckets(aws, f"stores-{next(numbers)}")


@pytest.fixture
def landing(buckets: Buckets, tmp_path: Path) -> S3Landing:
    return S3Landing(tmp_path / "working", buckets)


@pytest.fixture
def store(buckets: Buckets, tmp_path: Path) -> S3ModelStore:
    return S3ModelStore(tmp_path / "copies", buckets)


def save(store: S3ModelStore, version: str) -> ModelVersion:
    """A version whose files are on this machine, and kept."""
    model = store.version(version)
    Path(model.path).mkdir(parents=True)
    (Path(model.path) / "model.ubj").write_bytes(version.encode())
    (Path(model.path) / "record.json").write_text("{}")
    store.keep(model)
    return model


def elsewhere(store: S3ModelStore, folder: Path) -> S3ModelStore:
    """The same store as another machine sees it."""
    return S3ModelStore(folder, store.buckets)


def test_a_large_file_goes_in_parts_and_all_objects_are_encrypted(
    aws: Emulator, buckets: Buckets, tmp_path: Path
) -> None:
    content = os.urandom(9 << 20)  # above the 8 MB from which boto3 sends parts
    (tmp_path / "large").write_bytes(content)
    address = f"{buckets.of('raw')}/large"
    s3.upload(tmp_path / "large", address, sha256="abc")
    found = aws.client("s3").head_object(Bucket=buckets.name("raw"), Key="large")
    assert found["ETag"].endswith('-2"')
    assert (found["ServerSideEncryption"], found["Metadata"]) == ("AES256", {"sha256": "abc"})
    s3.download(address, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == content
    s3.put(f"{buckets.of('raw')}/small", b"x")
    assert aws.client("s3").head_object(Bucket=buckets.name("raw"), Key="small")["ServerSideEncryption"] == "AES256"
    pl.LazyFrame({"a": [1]}).sink_parquet(address + ".parquet", storage_options=storage_options(address))
    assert (
        aws.client("s3").head_object(Bucket=buckets.name("raw"), Key="large.parquet")["ServerSideEncryption"]
        == "AES256"
    )


def test_a_conditional_write_finds_somebody_else_but_not_itself(buckets: Buckets) -> None:
    address = f"{buckets.of('raw')}/pointer"
    first = s3.put(address, b"one", absent=True)
    with pytest.raises(s3.ConflictError, match="written by another process"):
        s3.put(address, b"two", absent=True)
    assert s3.put(address, b"one", absent=True) == first  # the answer to the first was lost
    s3.put(address, b"two", etag=first)
    with pytest.raises(s3.ConflictError):
        s3.put(address, b"three", etag=first)
    assert s3.get(address) is not None
    assert s3.read_json(f"{buckets.of('raw')}/nothing") is None


def test_a_file_that_was_not_written_whole_is_not_there(buckets: Buckets) -> None:
    prefix = f"{buckets.of('raw')}/half"

    def write_half() -> None:
        with writing(f"{prefix}/0.parquet") as path:
            path.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert parquet_files(prefix) == []


def test_a_dump_lands_and_becomes_current_and_is_known_again(landing: S3Landing, tmp_path: Path) -> None:
    source = FolderSource(tmp_path / "dumps")
    write_dump(tmp_path / "dumps", "title.ratings", [{"tconst": "tt0000001", "averageRating": 5.0, "numVotes": 9}])
    landed = landing.fetch("title.ratings", source)
    assert landed.path.startswith(landing.buckets.of("raw"))
    assert (landing.current("title.ratings"), landing.known("title.ratings", None)) == (None, landed)
    landing.publish(landed)
    assert landing.required("title.ratings") == landed == landing.landed("title.ratings", landed.sha256)
    assert landing.fetch("title.ratings", source, landed.sha256) == landed
    found = s3.head(landed.path)
    assert found is not None
    assert (found["ContentLength"], found["Metadata"]) == (landed.bytes, {"sha256": landed.sha256})
    s3.put(landed.path, b"damaged")
    assert landing.fetch("title.ratings", source, landed.sha256).sha256 == landed.sha256
    again = s3.head(landed.path)
    assert again is not None
    assert again["ContentLength"] == landed.bytes
    assert [path for path in landing.root.rglob("*") if path.is_file() and path.name != ".lock"] == []


def test_dumps_that_nothing_was_made_from_go_and_the_last_two_stay(landing: S3Landing, tmp_path: Path) -> None:
    source, digests = FolderSource(tmp_path / "dumps"), list[str]()
    for votes in range(4):
        write_dump(tmp_path / "dumps", "title.ratings", [{"tconst": "tt1", "averageRating": 5.0, "numVotes": votes}])
        landed = landing.fetch("title.ratings", source)
        landing.publish(landed)
        digests.append(landed.sha256)
    s3.put(f"{landing.address}/title.ratings/0123456789abcdef/title.ratings.tsv.gz", b"an upload that was cut off")
    would = landing.prune({digests[0]}, dry_run=True)
    assert landing.landed("title.ratings", digests[1]) is not None
    removed = landing.prune({digests[0]})
    assert removed == would
    assert [one.path for one in removed] == [f"{landing.address}/title.ratings/{digests[1][:16]}"]
    assert [landing.landed("title.ratings", digest) is not None for digest in digests] == [True, False, True, True]
    (rest,) = landing.prune({digests[0]}, safe_age=timedelta(0))
    assert rest.path.endswith("/0123456789abcdef")


def test_a_version_that_is_promoted_serves_on_another_machine(store: S3ModelStore, tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="no rating model below s3://"):
        store.current()
    store.publish(save(store, "one"))
    other = elsewhere(store, tmp_path / "other")
    current = other.current()
    assert (current.version, current.path) == ("one", str(tmp_path / "other" / "one"))
    assert (Path(current.path) / "model.ubj").read_bytes() == b"one"
    before = other.mark()
    store.publish(save(store, "two"))
    save(store, "three")
    assert other.mark() == before  # a look counts for some seconds
    other._mark.until = 0.0
    assert other.mark() != before
    assert other.names() == ["one", "two", "three"]
    assert [other.status(version) for version in ("one", "two", "three")] == [
        "was in service",
        "in service",
        "challenger",
    ]
    assert other.roll_back("anna").version == "one"
    assert [(move.version, move.kind) for move in store.moves()] == [
        ("one", "promote"),
        ("two", "promote"),
        ("one", "rollback"),
    ]
    with pytest.raises(LakeError, match="in service already"):
        store.promote("one", "anna")


def test_a_copy_that_is_damaged_is_made_anew(store: S3ModelStore) -> None:
    store.publish(save(store, "one"))
    (Path(store.version("one").path) / "model.ubj").unlink()
    assert (Path(store.current().path) / "model.ubj").read_bytes() == b"one"
    (Path(store.version("one").path) / "model.ubj").write_bytes(b"eno")  # of the right size
    assert (Path(store.current().path) / "model.ubj").read_bytes() == b"one"


def test_a_version_that_is_damaged_on_s3_is_not_used(store: S3ModelStore, tmp_path: Path) -> None:
    store.publish(save(store, "one"))
    s3.put(f"{store.address}/one/model.ubj", b"eno")
    with pytest.raises(LakeError, match=r"model one: the files below .* differ from the files that were saved"):
        elsewhere(store, tmp_path / "other").current()
    assert not (tmp_path / "other" / "one").exists()


def _lost(address: str) -> None:
    s3.remove([f"{address}/two/model.ubj"])


def _other_bytes(address: str) -> None:
    s3.put(f"{address}/two/model.ubj", b"owt")


def _sizes_for_hashes(address: str) -> None:
    s3.write_json(f"{address}/two.json", {"files": {"model.ubj": 3, "record.json": 2}})


def _no_list(address: str) -> None:
    s3.put(f"{address}/two.json", b"{")


def _names_of_elsewhere(address: str) -> None:
    s3.put(f"{address}/two/../fetched", b"")  # a key like any other to S3
    s3.write_json(f"{address}/two.json", {"files": {"../fetched": hashlib.sha256(b"").hexdigest()}})


@pytest.mark.parametrize("damage", [_lost, _other_bytes, _sizes_for_hashes, _no_list, _names_of_elsewhere])
def test_a_damaged_version_is_in_nobodys_way(
    store: S3ModelStore, tmp_path: Path, damage: Callable[[str], None]
) -> None:
    for version in ("one", "two", "three"):
        store.publish(save(store, version))
    damage(store.address)
    other = elsewhere(store, tmp_path / "other")
    assert set(other.names()) == {"one", "two", "three"}
    (challengers,) = measure.of_models(Lake(tmp_path / "lake"), other, pl.DataFrame())
    assert (challengers.metric, challengers.value, other.root.exists()) == ("challengers", 0, False)
    with pytest.raises(DamagedError, match=r"model two: .*materialize models/rating_model"):
        other.promote("two", "anna")
    with pytest.raises(DamagedError, match="model two: "):
        other.roll_back("anna")
    other.promote("one", "anna")
    assert (other.in_service(), other.status("one"), other.status("two")) == ("one", "in service", "was in service")
    assert [path.name for path in other.root.iterdir()] == ["one"]


def test_a_damaged_version_in_service_can_be_rolled_back(store: S3ModelStore, tmp_path: Path) -> None:
    for version in ("one", "two"):
        store.publish(save(store, version))
    _lost(store.address)
    other = elsewhere(store, tmp_path / "other")
    assert (other.in_service(), other.status("two")) == ("two", "in service")
    assert service._serving(other) is None  # so that a run puts its own into service
    assert service._of_other_places(other, "here") == []
    assert other.roll_back("anna").version == "one"


def test_a_version_saved_again_mends_what_was_lost_on_s3(store: S3ModelStore, tmp_path: Path) -> None:
    model = save(store, "two")
    store.publish(model)
    _lost(store.address)
    store.keep(model)
    assert (Path(elsewhere(store, tmp_path / "other").current().path) / "model.ubj").read_bytes() == b"two"


@pytest.mark.parametrize("version", ["../elsewhere", "a/b", ".hidden", "..", ""])
def test_a_pointer_that_leads_elsewhere_is_not_followed(store: S3ModelStore, tmp_path: Path, version: str) -> None:
    s3.write_json(f"{store.address}/current.json", {"version": version, "moves": []})
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept").touch()
    with pytest.raises(LakeError, match="is not the name of a model version"):
        store.current()
    assert (tmp_path / "elsewhere" / "kept").exists()


def test_a_copy_is_replaced_at_once_and_what_is_left_of_a_crash_is_not_in_the_way(
    store: S3ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.publish(save(store, "one"))
    folder = Path(store.version("one").path)
    (folder / "model.ubj").write_bytes(b"eno")
    seen: list[list[str]] = []
    remove = shutil.rmtree

    def watched(path: Path, **how: bool) -> None:
        seen.append(sorted(file.name for file in folder.iterdir()) if folder.is_dir() else [])
        if seen == [[]]:
            raise PermissionError(path)  # the first removal, which a crash ends
        remove(path, **how)  # pyright: ignore[reportArgumentType, reportCallIssue]

    monkeypatch.setattr(shutil, "rmtree", watched)
    with pytest.raises(LakeError, match="model one: not copied from s3://"):
        store.current()
    assert (Path(store.current().path) / "model.ubj").read_bytes() == b"one"
    assert [] in seen
    assert all(names in ([], ["model.ubj", "record.json"]) for names in seen)


def test_a_version_that_is_removed_is_gone_here_and_there(store: S3ModelStore) -> None:
    for version in ("one", "two"):
        save(store, version)
    shutil.rmtree(store.version("one").path)  # no copy here
    for version in ("one", "two"):
        store.remove(version)
    assert s3.listing(f"{store.address}/") == []
    assert list(store.root.iterdir()) == []


def test_no_move_is_forgotten_when_two_promote_at_once(
    store: S3ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ("one", "two", "three"):
        save(store, version)
    store.promote("one", "anna")
    other, put = elsewhere(store, tmp_path / "other"), s3.put

    def late(address: str, content: bytes, **condition: str | None) -> str:
        monkeypatch.setattr(s3_models.s3, "put", put)
        other.promote("two", "bert")  # between the first one's look and its write
        return put(address, content, **condition)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(s3_models.s3, "put", late)
    store.promote("three", "anna")
    assert [(move.version, move.by) for move in store.moves()] == [("one", "anna"), ("two", "bert"), ("three", "anna")]


def test_a_version_whose_upload_was_cut_off_does_not_count(store: S3ModelStore) -> None:
    save(store, "one")
    s3.put(f"{store.address}/two/model.ubj", b"half")
    assert store.names() == ["one"]
    with pytest.raises(LakeError, match="no model version 'two'"):
        store.promote("two", "anna")
