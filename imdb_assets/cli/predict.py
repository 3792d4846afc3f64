"""`imdb predict`: predicts one film's rating."""

from typing import Annotated

import typer
from rich.markup import escape

from imdb_assets.cli.output import console

REASONS = 5
"""Number of reasons printed for a prediction."""


def predict(
    tconst: Annotated[str, typer.Argument(help="IMDb's id of a film, such as tt0108052.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Predict a film's rating, and say which model answered and whether it was trained on the film."""
    from imdb_assets.serving.predictor import Predictor
    from imdb_assets.settings import load_settings
    from imdb_assets.wiring import lake_of, models_of

    settings = load_settings()
    predictor = Predictor(lake_of(settings), models_of(settings))
    answer = predictor.predict_film(tconst)
    if problem := predictor.health().problem:
        typer.echo(f"{problem.removesuffix('.')}. The previous model version makes the prediction.", err=True)
    if as_json:
        typer.echo(answer.model_dump_json())
        return
    rated = "not rated yet" if answer.actual is None else f"rated {answer.actual:.1f}"
    console.print(
        f"{escape(str(answer.title))} ({answer.start_year}), {rated}: predicted [bold]{answer.predicted:.2f}[/], "
        f"90 % interval {answer.lower:.1f}-{answer.upper:.1f}"
    )
    for reason in answer.reasons[:REASONS]:
        console.print(f"  {reason.points:+.2f} {reason.family}")
    origin = f"iteration {answer.iteration}, model {answer.model_version}"
    console.print(f"[dim]regime: {answer.regime}; basis: {answer.basis}; {origin}[/]")
