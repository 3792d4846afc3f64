"""`imdb sample`: generates dumps for trials."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from imdb_assets.cli.output import console


def sample(
    out: Annotated[Path, typer.Option(help="Folder to write the seven dumps to.")],
    titles: Annotated[
        int | None, typer.Option(min=2_000, help="Number of titles, in the demo's proportions. [default: 300000]")
    ] = None,
    scale: Annotated[
        float | None,
        typer.Option(
            min=0.001, max=1.0, help="Fraction of IMDb's size, in IMDb's own proportions; 1 gives IMDb's full size."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the sample; another seed gives another catalogue.")] = 7,
) -> None:
    """Generate seven dumps with IMDb's schema and quirks; every row is invented.

    There are two kinds of samples. The **demo's sample** (`--titles 300000`, the default) has three times IMDb's share
    of films, so that a model has 44,000 clean films to learn from; all other titles have fewer credits. The sample's 40
    MB are made in seconds. A sample in **IMDb's proportions** (`--scale 1.0`) has 12.7 M titles, 101 M credits and 59 M
    alternative titles in files as large as the real ones: 1.9 GB compressed, 9.5 GB uncompressed, made in about seven
    minutes on two cores with 2 GB of memory. `--scale` takes any fraction down to 0.001; sizes, time and most of the
    memory shrink with the fraction.

    The same arguments give the same rows everywhere. Try a sample with `imdb demo --source FOLDER`.
    """
    if titles is not None and scale is not None:
        raise typer.BadParameter("--titles and --scale name two kinds of samples; give one of them.")
    from imdb_assets.cli.progress import show_shares
    from imdb_assets.sources.base import SourceError
    from imdb_assets.sources.sample.generator import write_sample
    from imdb_assets.sources.sample.proportions import DEMO, DEMO_TITLES, IMDB, IMDB_TITLES

    count, proportions = (titles or DEMO_TITLES, DEMO) if scale is None else (round(scale * IMDB_TITLES), IMDB)
    try:
        with show_shares(console) as on_progress:
            write_sample(out, titles=count, seed=seed, proportions=proportions, on_progress=on_progress)
    except OSError as error:
        raise SourceError(f"{out}: cannot be written: {error}. Make room, or name another folder (--out).") from error
    for path in sorted(out.glob("*.tsv.gz")):
        console.print(f"{path.stat().st_size / 1e6:8.1f} MB  {escape(str(path))}")
