"""The dashboard of the catalogue: its films, their ratings, and films worth discovering."""

from imdb_assets.dashboards.base import Bars, Column, Dashboard, Figures, Heat, Lines, Panel, Rows

_FIGURES = Panel(
    "figures",
    "The catalogue",
    "Films are titles of type movie with a year, genres and a runtime of 40-400 minutes; clean films are the films "
    "with a rating.",
    """
    select
      sum(films) as films,
      sum(rated_films) as rated_films,
      sum(votes) as votes,
      sum(mean_rating * rated_films) / nullif(sum(rated_films), 0) as mean_rating
    from warehouse.decade_summary
    """,
    {
        "films": Column("films", "count"),
        "rated_films": Column("clean films", "count"),
        "votes": Column("votes", "count"),
        "mean_rating": Column("mean rating", "rating"),
    },
    Figures(),
    wide=True,
)

_FUNNEL = Panel(
    "funnel",
    "From raw to clean",
    "How many lines of the dump of titles are left after each rule; the rules are applied from top to bottom.",
    "select rule, titles_left, dropped, share_of_lines from warehouse.funnel order by step",
    {
        "rule": Column("rule"),
        "titles_left": Column("titles left", "count"),
        "dropped": Column("dropped", "count"),
        "share_of_lines": Column("of all lines", "share"),
    },
    Bars("rule", "titles_left", lying=True),
    whole_dumps=True,
)

_DECADES = Panel(
    "decades",
    "Films by decade",
    "Each bar is a decade of release: rated films at the bottom, films without a rating on top. The bar of the "
    "last decade is low because the decade is not over.",
    """
    select decade, 'rated' as state, rated_films as films from warehouse.decade_summary where decade <= 2030
    union all
    select decade, 'not rated' as state, films - rated_films as films from warehouse.decade_summary where decade <= 2030
    order by decade, state desc
    """,
    {"decade": Column("decade", "year"), "state": Column("state"), "films": Column("films", "count")},
    Bars("decade", "films", series="state", stacked=True),
)

_RATINGS = Panel(
    "ratings-by-decade",
    "Ratings by decade",
    "The line is the mean rating of a decade's films; the band is one standard deviation to either side.",
    """
    select decade, mean_rating, mean_rating - rating_spread as low, mean_rating + rating_spread as high, rated_films
    from warehouse.decade_summary
    where rated_films >= 20
    order by decade
    """,
    {
        "decade": Column("decade", "year"),
        "mean_rating": Column("mean rating", "rating"),
        "low": Column("one deviation below", "rating"),
        "high": Column("one deviation above", "rating"),
        "rated_films": Column("rated films", "count"),
    },
    Lines("decade", "mean_rating", lower="low", upper="high"),
)

_DISTRIBUTION = Panel(
    "rating-distribution",
    "How ratings are spread",
    "Each line stands for a range of numbers of votes, and shows how the ratings of the films in the range are spread. "
    "Ratings are counted in steps of half a point. Only films with few votes have extreme ratings.",
    """
    select floor(rating * 2) / 2 as half_point, votes, sum(films) as films, sum(share_of_band) as share
    from warehouse.rating_distribution
    group by floor(rating * 2) / 2, votes, band
    order by band, half_point
    """,
    {
        "half_point": Column("rating from", "number"),
        "votes": Column("votes"),
        "films": Column("films", "count"),
        "share": Column("share of films in the vote band", "share"),
    },
    Lines("half_point", "share", series="votes"),
)

_RUNTIME = Panel(
    "runtime",
    "Runtime and rating",
    "Mean rating of films by runtime in steps of ten minutes, documentaries separately; the band is two standard "
    "errors of the mean to either side. A range of runtimes with fewer than 10 films is left out.",
    """
    select
      runtime_from,
      kind,
      mean_rating,
      mean_rating - 2 * standard_error as low,
      mean_rating + 2 * standard_error as high,
      films
    from warehouse.runtime_and_rating
    where films >= 10 and runtime_from <= 240
    order by kind desc, runtime_from
    """,
    {
        "runtime_from": Column("runtime from, minutes", "count"),
        "kind": Column("kind"),
        "mean_rating": Column("mean rating", "rating"),
        "low": Column("two errors below", "rating"),
        "high": Column("two errors above", "rating"),
        "films": Column("films", "count"),
    },
    Lines("runtime_from", "mean_rating", series="kind", lower="low", upper="high"),
)

_GENRES = Panel(
    "genre-shares",
    "Genres by decade",
    "The darker a cell, the larger the share of the decade's films that has the genre. A film can have up to three "
    "genres. Cells with fewer than 5 films are empty.",
    """
    select genre, decade, films, share_of_decade
    from warehouse.genre_trends
    where decade between 1910 and 2030 and films >= 5
    order by genre, decade
    """,
    {
        "genre": Column("genre"),
        "decade": Column("decade", "year"),
        "films": Column("films", "count"),
        "share_of_decade": Column("share of the decade's films", "share"),
    },
    Heat("decade", "genre", "share_of_decade"),
)

_GENRE_RATINGS = Panel(
    "genre-ratings",
    "Ratings of genres, compared with all films of the decade",
    "How far a genre's mean rating is above or below the mean rating of the whole decade: one colour means above, "
    "the other means below. Cells with fewer than 20 rated films are grey.",
    """
    select genre, decade, rated_films, mean_rating, rating_against_decade
    from warehouse.genre_trends
    where decade between 1910 and 2030 and rated_films >= 20
    order by genre, decade
    """,
    {
        "genre": Column("genre"),
        "decade": Column("decade", "year"),
        "rated_films": Column("rated films", "count"),
        "mean_rating": Column("mean rating", "rating"),
        "rating_against_decade": Column("difference from the decade's mean", "points"),
    },
    Heat("decade", "genre", "rating_against_decade", diverging=True),
)

_REGIONS = Panel(
    "regions",
    "Where films are shown",
    "The twenty regions with the most films; a film counts in each region in which it has a title.",
    "select region, films, rated_films, mean_rating from warehouse.regions order by films desc, region limit 20",
    {
        "region": Column("region"),
        "films": Column("films", "count"),
        "rated_films": Column("rated films", "count"),
        "mean_rating": Column("mean rating", "rating"),
    },
    Bars("region", "films", lying=True),
)

_GEMS = Panel(
    "hidden-gems",
    "Hidden gems",
    "Loved and little seen: films with at least 100 votes, at most the median number of votes, and a weighted rating "
    "in the best tenth. The weighted rating adds 200 votes, at the mean rating of all films, to the film's own votes.",
    """
    select place, tconst, primary_title, start_year, average_rating, weighted_rating, num_votes
    from warehouse.hidden_gems
    order by place
    limit 25
    """,
    {
        "place": Column("place", "count"),
        "tconst": Column("id", "id"),
        "primary_title": Column("film", leads_to="tconst"),
        "start_year": Column("year", "year"),
        "average_rating": Column("rating", "rating"),
        "weighted_rating": Column("weighted", "rating"),
        "num_votes": Column("votes", "count"),
    },
    Rows(),
    wide=True,
    nothing="No film of at least 100 votes is both loved and little seen.",
)

CATALOGUE = Dashboard(
    "catalogue",
    "Catalogue",
    "What films there are, how they are rated, and which little-seen films are rated best.",
    (
        _FIGURES,
        _FUNNEL,
        _DECADES,
        _RATINGS,
        _DISTRIBUTION,
        _GENRES,
        _GENRE_RATINGS,
        _RUNTIME,
        _REGIONS,
        _GEMS,
    ),
    selects_films=True,
)
