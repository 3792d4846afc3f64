"""The fingerprint of the source: follows names and content of what a server runs, and nothing else."""

import shutil
from pathlib import Path

from imdb_assets.serving.fingerprint import PACKAGE, fingerprint


def package(folder: Path) -> Path:
    for name in ("ml/model.py", "serving/app.py", "serving/page.html", "serving/notes.txt"):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# {name}\n")
    return folder


def test_same_source_elsewhere_has_the_same_fingerprint(tmp_path: Path) -> None:
    assert fingerprint(package(tmp_path / "a")) == fingerprint(package(tmp_path / "b"))


def test_code_page_and_names_change_it_and_other_files_do_not(tmp_path: Path) -> None:
    folder = package(tmp_path)
    (folder / "serving" / "notes.txt").write_text("changed")
    (folder / "ml" / "__pycache__").mkdir()
    (folder / "ml" / "__pycache__" / "model.cpython-311.pyc").write_bytes(b"compiled")
    seen = [fingerprint(folder)]
    assert seen == [fingerprint(package(tmp_path / "fresh"))]
    shutil.rmtree(tmp_path / "fresh")
    (folder / "ml" / "model.py").write_text("changed")
    seen.append(fingerprint(folder))
    (folder / "serving" / "page.html").write_text("changed")
    seen.append(fingerprint(folder))
    (folder / "ml" / "model.py").rename(folder / "ml" / "models.py")
    seen.append(fingerprint(folder))
    assert len(set(seen)) == 4


def test_it_covers_the_package() -> None:
    assert (PACKAGE / "serving" / "page.html").exists()
    assert (PACKAGE / "ml" / "training.py").exists()
