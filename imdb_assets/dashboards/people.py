"""The dashboard of people: film makers, the length of their careers, and the ratings of their films."""

from imdb_assets.dashboards.base import Bars, Column, Dashboard, Dots, Figures, Lines, Panel, Rows

_NAMED = """
    with leaders as (
      select * from warehouse.director_leaderboard where place <= 50
    ),
    people as (
      select nconst, min("primaryName") as name
      from bronze.name_basics
      where nconst in (select nconst from leaders)
      group by nconst
    ),
    named as (
      select coalesce(people.name, leaders.nconst) as director, leaders.*
      from leaders
      left join people on people.nconst = leaders.nconst
    )
"""
"""SQL for the fifty highest-ranked directors, with their names."""

_FIGURES = Panel(
    "figures",
    "Directors",
    "Directors are ranked if they have at least 5 films with at least 100 votes each.",
    """
    select
      (select max(directors) from warehouse.career_arcs) as directors,
      (select max(directors) from warehouse.career_arcs where film = 5) as five_films,
      (select count(*) from warehouse.director_leaderboard) as placed,
      (select max(shrunk_rating) from warehouse.director_leaderboard) as best
    """,
    {
        "directors": Column("directors of a rated film", "count"),
        "five_films": Column("directors of five or more films", "count"),
        "placed": Column("ranked", "count"),
        "best": Column("best shrunk rating", "rating"),
    },
    Figures(),
    wide=True,
)

_LEADERS = Panel(
    "leaders",
    "The fifteen highest-ranked directors",
    "Two dots for each director: the mean rating of the director's films with at least 100 votes, and the same mean "
    "shrunk towards the mean rating of all films with at least 100 votes. The shrunk mean decides the rank. The fewer "
    "films a director has, the further apart the two dots are.",
    f"""{_NAMED}
    select nconst, director, 'mean of the films' as measure, mean_rating as rating, films, place
    from named
    where place <= 15
    union all
    select nconst, director, 'shrunk' as measure, shrunk_rating as rating, films, place from named where place <= 15
    order by place, measure desc
    """,  # noqa: S608 - our own words
    {
        "nconst": Column("id", "id"),
        "director": Column("director", leads_to="nconst"),
        "measure": Column("measure"),
        "rating": Column("rating", "rating"),
        "films": Column("films", "count"),
        "place": Column("place", "count"),
    },
    Dots("director", "rating", series="measure"),
)

_ARCS = Panel(
    "careers",
    "How ratings change during careers",
    "One line shows the mean rating of directors' first rated films, second rated films and so on; the other line "
    "shows the mean rating of the same directors' first films. Where the two lines are apart, films became better or "
    "worse during careers. Where both lines rise, directors with longer careers were rated better from the start. "
    "Towards the right, both lines vary more by chance, because few directors made so many films.",
    """
    select film, 'this film' as measure, mean_rating as rating, directors from warehouse.career_arcs
    union all
    select film, 'their first film' as measure, mean_rating_of_first as rating, directors from warehouse.career_arcs
    order by measure desc, film
    """,
    {
        "film": Column("film of the director", "count"),
        "measure": Column("measure"),
        "rating": Column("mean rating", "rating"),
        "directors": Column("directors", "count"),
    },
    Lines("film", "rating", series="measure"),
)

_STAYING = Panel(
    "staying",
    "How many films directors make",
    "Number of directors, by number of rated films. Most directors made one film; the bar 20+ counts directors of "
    "twenty or more films. A director's mean over the whole career would leak as a feature: for a director of one "
    "film, this mean is the film's own rating.",
    """
    select
      case when arcs.film = 20 then '20+' else cast(arcs.film as varchar) end as films,
      arcs.directors - coalesce(more.directors, 0) as directors,
      cast(arcs.directors - coalesce(more.directors, 0) as double)
      / (select max(directors) from warehouse.career_arcs) as share
    from warehouse.career_arcs as arcs
    left join warehouse.career_arcs as more on more.film = arcs.film + 1
    order by arcs.film
    """,
    {
        "films": Column("rated films"),
        "directors": Column("directors", "count"),
        "share": Column("of all directors", "share"),
    },
    Bars("films", "directors"),
)

_ROLES = Panel(
    "roles",
    "Who is credited",
    "For each role, the number of people with at least one credit in a film of the catalogue.",
    """
    select role, count(*) as credits, count(distinct nconst) as people
    from silver.credits
    where tconst in (select tconst from silver.movies)
    group by role
    order by people desc
    limit 12
    """,
    {"role": Column("role"), "credits": Column("credits", "count"), "people": Column("people", "count")},
    Bars("role", "people", lying=True),
)

_TABLE = Panel(
    "leaderboard",
    "Directors by rank",
    "Only films with at least 100 votes are counted. The shrunk rating is the mean rating of the director's films and "
    "of 5 imaginary films, each with the mean rating of all films with at least 100 votes. Ranks use today's ratings; "
    "the model's features use only films from years before the predicted film.",
    f"""{_NAMED}
    select
      place,
      nconst,
      director,
      films,
      mean_rating,
      shrunk_rating,
      votes,
      first_year,
      last_year,
      best_tconst,
      best_title
    from named
    order by place
    """,  # noqa: S608 - our own words
    {
        "place": Column("place", "count"),
        "nconst": Column("id", "id"),
        "director": Column("director", leads_to="nconst"),
        "films": Column("films", "count"),
        "mean_rating": Column("mean", "rating"),
        "shrunk_rating": Column("shrunk", "rating"),
        "votes": Column("votes", "count"),
        "first_year": Column("from", "year"),
        "last_year": Column("to", "year"),
        "best_tconst": Column("id of the best rated film", "id"),
        "best_title": Column("best rated film", leads_to="best_tconst"),
    },
    Rows(),
    wide=True,
    nothing="No director has made five films with at least 100 votes each.",
)

PEOPLE = Dashboard(
    "people",
    "People",
    "Who makes films, how many films they make, and how their films are rated.",
    (_FIGURES, _LEADERS, _ARCS, _STAYING, _ROLES, _TABLE),
    selects_films=True,
)
