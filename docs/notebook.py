"""A notebook over the lake: find a leaking feature, train with other parameters, compare with the champion.

`.venv/bin/marimo edit docs/notebook.py` opens it, once `make demo` has filled the lake, and
`.venv/bin/python docs/notebook.py` runs it through. marimo is among the packages of requirements/dev.txt.
"""

import marimo

app = marimo.App(width="medium")


@app.cell
def _():
    from dataclasses import replace

    import marimo as mo
    import polars as pl

    import imdb_assets
    from imdb_assets.ml import iterations
    from imdb_assets.ml.comparison import compare

    return compare, imdb_assets, iterations, mo, pl, replace


@app.cell
def _(imdb_assets, mo):
    lake = imdb_assets.open()
    films = lake.features()
    mo.md(f"{films.height:,} rated films, of snapshot {lake.snapshots['gold.movie_features']} of gold.movie_features.")
    return films, lake


@app.cell
def _(mo):
    mo.md(
        """
        ## Find a leaking feature

        Before a director's first film, nothing shows how the director's films are rated. So on first films, no feature
        of directors may correlate strongly with the rating. Correlate every feature with the ratings of first films.
        """
    )


@app.cell
def _(films, iterations, pl):
    debuts = films.filter(pl.col("director_film_count") == 0)
    varying = [name for name in iterations.feature_metadata() if (debuts[name].n_unique() or 0) > 1]
    correlations = (
        debuts.select(pl.corr(name, "average_rating").abs() for name in varying)
        .unpivot(variable_name="feature", value_name="correlation")
        .filter(pl.col("correlation").is_finite())
        .sort("correlation", descending=True)
    )
    correlations.head(8)
    return (correlations,)


@app.cell
def _(correlations, iterations, mo):
    leak = correlations["feature"][0]
    group = iterations.feature_metadata()[leak]["group"]
    users = [one.name for one in iterations.ITERATIONS if group in one.groups]
    mo.md(
        f"**{leak}** correlates most. It belongs to the group *{group}*: records of whole careers, including the film. "
        f"Only {', '.join(users)} uses the group; this model of the source document is kept to show its leak."
    )
    return (leak,)


@app.cell
def _(mo):
    mo.md("## Train with other parameters, and compare with the champion on the same test films")


@app.cell
def _(compare, films, lake, replace):
    champion = lake.champion("pre-release")
    shallow = replace(champion, name="shallow", parameters={"max_depth": 3})
    comparison = compare(films, shallow, champion)
    comparison
    return (comparison,)


@app.cell
def _(comparison, mo):
    temporal = comparison.filter(split="temporal", population="all clean films").row(0, named=True)
    mo.md(
        f"On {temporal['test_rows']:,} films of later years, three levels instead of seven change R² by "
        f"{temporal['gain']:+.4f}: {temporal['verdict']} (noise {temporal['noise']:.4f})."
    )


if __name__ == "__main__":
    app.run()
