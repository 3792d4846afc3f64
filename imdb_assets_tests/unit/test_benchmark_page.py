"""The benchmark's page says what the results say, and the command says what is wrong before it starts."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import page
from benchmarks.dumps import raw_bytes, require_dumps
from benchmarks.floors import FloorTime, floors, measure
from benchmarks.jobs import ENGINES, JOBS, BenchError, Features, takes_part
from benchmarks.measure import require_space, run_worker
from benchmarks.processes import cpu_seconds, peak_bytes
from benchmarks.results import RESULTS_FILE, Measurement, Results, Size, aims, load, save
from imdb_assets.contracts.features import MovieFeatures

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the benchmark reads /proc")

SECONDS = {"platform": 10.0, "duckdb": 25.0, "spark": 60.0, "clickhouse": 9.0}


def _measurement(engine: str, job: str, scale: float, seconds: float) -> Measurement:
    return Measurement(engine, job, scale, seconds, 2 * seconds, 1.0, int(1.5 * 2**30), 7_000_000)


RESULTS = Results(
    date="2026-01-02",
    command="make bench SCALE=1",
    scale=1.0,
    rounds=1,
    machine={"processor": "Fast, 2 cores"},
    floors=[FloorTime("gzip -dc", 8.0, 7.9, "")],
    measurements=[
        _measurement(engine, job, 1.0, SECONDS[engine]) for job in JOBS for engine in ENGINES if takes_part(engine, job)
    ],
    growth=[_measurement("platform", job, 0.5, 4.0) for job in JOBS],
    sizes=[
        Size("bronze.title_basics", 100, 900_000_000, 200_000_000, dict.fromkeys(ENGINES, 100_000_000)),
        Size("silver.movies", 10, 90_000_000, None, dict.fromkeys(("platform", "duckdb", "spark"), 10_000_000)),
    ],
)


def test_aims_are_judged_by_the_sums_and_the_floor() -> None:
    assert [(aim.key, aim.measured, aim.met) for aim in aims(RESULTS)] == [
        ("duckdb", "2.50 times", True),
        ("spark", "6.00 times", False),
        ("clickhouse", "0.90 times", False),
        ("gzip", "1.25 times", True),
        ("ingest_seconds", "10.0 s", True),
        ("steps_seconds", "30.0 s", True),
        ("memory", "1.50 GiB", True),
        ("flat", "+0%", True),
        ("bronze_gz", "2.00 times", True),
        ("bronze_text", "9.00 times", True),
    ]


def test_memory_that_grows_is_no_flat_memory() -> None:
    growth = [replace(item, peak_bytes=2**30) for item in RESULTS.growth]
    flat = next(aim for aim in aims(replace(RESULTS, growth=growth)) if aim.key == "flat")
    assert (flat.measured, flat.met) == ("+50%", False)


def test_without_all_jobs_of_an_engine_no_aim_is_judged() -> None:
    part = [item for item in RESULTS.measurements if (item.engine, item.job) != ("platform", "movies")]
    assert [aim.key for aim in aims(replace(RESULTS, measurements=part, sizes=[], growth=[]))] == [
        "clickhouse",
        "gzip",
        "memory",
    ]


def test_the_page_has_times_ratios_sizes_and_missed_aims_with_their_reasons() -> None:
    text = page.render(RESULTS, {"spark": "It is clever."})
    assert "| (a) seven dumps, gz → typed Parquet | 10.0 | 25.0 (2.5) | 60.0 (6.0) | 9.0 (0.9) |" in text
    assert "| (b) the movies ETL | 10.0 | 25.0 (2.5) | 60.0 (6.0) |  |" in text
    assert "| **all** | 40.0 | 100.0 (2.5) | 240.0 (6.0) |  |" in text
    assert "| `gzip -dc` | 8.0 | 7.9 | 1.25 times |" in text
    assert "| (a) ingest | 4.0 | 1.50 | 10.0 | 1.50 |" in text
    assert (
        "| bronze.title_basics | 100 | 900.0 | 200.0 (4.5) | 100.0 (9.0) | 100.0 (9.0) | 100.0 (9.0) | 100.0 (9.0) |"
        in text
    )
    assert "| silver.movies | 10 | 90.0 |  | 10.0 (9.0) | 10.0 (9.0) | 10.0 (9.0) |  |" in text
    assert "The aim *all jobs together at least 8 times as fast as PySpark* is missed. It is clever." in text
    assert "No reason has been written yet." in page.render(RESULTS, {})
    assert "2.50 times | met" in text


def test_results_survive_their_file(tmp_path: Path) -> None:
    save(RESULTS, tmp_path / "results.json")
    assert load(tmp_path / "results.json") == RESULTS


def test_the_committed_page_is_made_of_the_committed_results() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.render(load(RESULTS_FILE), page.reasons()), (
        "write it anew with: python -m benchmarks --render"
    )


def test_pictures_are_drawn(tmp_path: Path) -> None:
    page.write(RESULTS, tmp_path / "page.md", tmp_path)
    for name in ("growth", "engines"):
        assert (tmp_path / f"benchmarks-{name}.png").read_bytes().startswith(b"\x89PNG")


def test_benchmarked_features_are_the_contracts_without_those_of_other_tables() -> None:
    left_out = [name for name in MovieFeatures.column_names() if name not in Features.column_names()]
    groups = {(MovieFeatures.columns()[name].metadata or {})["group"] for name in left_out}
    assert groups == {"people_history", "expectation", "expectation_with_votes", "residuals", "title_words"}
    assert Features.column_names()[:2] == ["tconst", "average_rating"]
    assert Features.primary_key() == ["tconst"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--engines", "platform,pandas"], "--engines: got pandas, allowed: platform, duckdb, spark, clickhouse."),
        (["--jobs", "etl"], "--jobs: got etl, allowed: ingest, movies, director_reputation, features."),
        (["--dumps", "0.25:/data"], "--dumps: got '0.25:/data', expected SCALE=FOLDER"),
        (["--dumps", "0.25=/no/such/folder"], "--dumps: got '0.25=/no/such/folder', expected SCALE=FOLDER"),
        (["--scale", "1000000"], "of free disk for scale 1e+06"),
    ],
)
def test_a_wrong_call_ends_with_one_message(
    arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setenv("IMDB_DATA", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["benchmarks", *arguments])
    monkeypatch.setattr(command.console, "_width", 500)
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == 1
    assert message in capsys.readouterr().out


def test_source_prints_sizes_and_keeps_nothing(
    tiny_dumps: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setenv("IMDB_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--source", str(tiny_dumps)])
    monkeypatch.setattr(command.console, "_width", 500)
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert "bronze.title_principals" in printed
    assert "bronze smaller than the gzip files" in printed
    assert not list((tmp_path / "data" / "bench").iterdir())


def test_missing_dumps_and_space_are_named(tiny_dumps: Path, tmp_path: Path) -> None:
    (tiny_dumps / "title.akas.tsv.gz").unlink()
    with pytest.raises(BenchError, match=r"expected IMDb's seven dumps, and title\.akas\.tsv\.gz is missing"):
        require_dumps(tiny_dumps)
    with pytest.raises(BenchError, match="GB of free disk for scale 1e"):
        require_space(tmp_path, 1e6)


def test_a_failed_worker_shows_the_end_of_its_log(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match=r"(?s)movies by duckdb failed with code 1\. .*add the job `ingest`"):
        run_worker("duckdb", JOBS["movies"], tmp_path, tmp_path / "home")


def test_raw_bytes_are_counted(tiny_dumps: Path) -> None:
    assert raw_bytes(tiny_dumps / "title.episode.tsv.gz") == len(
        "tconst\tparentTconst\tseasonNumber\tepisodeNumber\ntt0000103\ttt0000102\t1\t1\n"
    )


def test_floors_unpack_or_say_why_not(tiny_dumps: Path, tmp_path: Path) -> None:
    paths = require_dumps(tiny_dumps)
    measured = measure(floors()[0], paths)
    assert measured is not None
    assert (measured.name, measured.seconds > 0) == ("gzip -dc", True)
    broken = tmp_path / "broken.gz"
    broken.write_bytes(paths[0].read_bytes()[:40])
    with pytest.raises(BenchError, match="is the file damaged"):
        measure(floors()[0], [broken])


def test_a_process_knows_its_time_and_memory() -> None:
    before = cpu_seconds()
    sum(range(3_000_000))
    assert cpu_seconds() > before
    assert 20e6 < peak_bytes() < 50e9
