"""The dashboard of data quality: unreadable lines, missing values, and changes of tables from day to day."""

from imdb_assets.contracts.bronze import DUMP_CONTRACTS, quarantine_contract
from imdb_assets.dashboards.base import Bars, Column, Dashboard, Figures, Lines, Panel, Rows

_DUMPS = [
    (contract.table, quarantine_contract(contract).table, f"{dump}.tsv.gz") for dump, contract in DUMP_CONTRACTS.items()
]
_LINES = " union all ".join(
    f"select '{file}' as dump, (select count(*) from {bronze}) as rows_read, (select count(*) from {bad}) as rows_bad"  # noqa: S608 - our own names
    for bronze, bad, file in _DUMPS
)
_BAD = " union all ".join(f"select file, line, reason, raw from {bad}" for _, bad, _ in _DUMPS)  # noqa: S608 - our own names

_FIGURES = Panel(
    "figures",
    "Reading the dumps",
    "Every line of the seven dumps is either a row of a bronze table or a line in quarantine, with the reason.",
    f"""
    select
      sum(rows_read) + sum(rows_bad) as lines_read,
      sum(rows_bad) as quarantined,
      cast(sum(rows_bad) as double) / nullif(sum(rows_read) + sum(rows_bad), 0) as share,
      count(case when rows_bad > 0 then 1 end) as dumps
    from ({_LINES}) as counted
    """,  # noqa: S608 - our own names
    {
        "lines_read": Column("lines read", "count"),
        "quarantined": Column("in quarantine", "count"),
        "share": Column("of all lines", "share"),
        "dumps": Column("dumps with any", "count"),
    },
    Figures(),
    wide=True,
)

_QUARANTINE = Panel(
    "quarantine",
    "Quarantined lines by dump",
    "How many lines of each dump could not be read. A bronze table fails if the share of unreadable lines is above "
    "IMDB_MAX_BAD_SHARE.",
    f"select dump, rows_bad, rows_read from ({_LINES}) as counted order by rows_bad desc, dump",  # noqa: S608 - our own names
    {
        "dump": Column("dump"),
        "rows_bad": Column("lines in quarantine", "count"),
        "rows_read": Column("rows read", "count"),
    },
    Bars("dump", "rows_bad", lying=True),
)

_COMPLETE = Panel(
    "completeness",
    "Critical columns of clean films",
    "For each column, the share of rated films without a value. If a bar passes the line at 1 %, the check "
    "critical_columns_complete of silver/movies fails.",
    """
    select field, cast(films - present as double) / nullif(films, 0) as share, films - present as missing
    from (
      select
        count(*) as films,
        count(primary_title) as primary_title,
        count(start_year) as start_year,
        count(runtime_minutes) as runtime_minutes,
        count(genres) as genres,
        count(average_rating) as average_rating,
        count(num_votes) as num_votes
      from silver.movies
      where average_rating is not null
    ) as counted
    cross join lateral (
      values
      ('title', primary_title),
      ('year', start_year),
      ('runtime', runtime_minutes),
      ('genres', genres),
      ('rating', average_rating),
      ('votes', num_votes)
    ) as fields (field, present)
    order by share desc, field
    """,
    {"field": Column("column"), "share": Column("missing", "share"), "missing": Column("films without", "count")},
    Bars("field", "share", lying=True, reference=0.01),
)

_DROPPED = Panel(
    "dropped",
    "What the rules remove",
    "The number of movies that each rule of silver.movies removes; the rules are applied from top to bottom.",
    "select rule, dropped, titles_left from warehouse.funnel where step > 2 order by step",
    {
        "rule": Column("rule"),
        "dropped": Column("removed", "count"),
        "titles_left": Column("left", "count"),
    },
    Bars("rule", "dropped", lying=True),
)

_CREDITS = Panel(
    "credits",
    "Films without credits",
    "Each line is the share of a decade's films whose director, writer or cast is unknown. A film's rating is hard to "
    "predict if nobody knows who made the film.",
    """
    with films as (
      select decade, tconst from silver.movies where decade between 1910 and 2030
    ),
    roles as (
      select
        tconst,
        max(case when role = 'director' then 1 else 0 end) as director,
        max(case when role = 'writer' then 1 else 0 end) as writer,
        max(case when role = 'cast' then 1 else 0 end) as cast_member
      from silver.credits
      group by tconst
    ),
    counted as (
      select
        films.decade,
        count(*) as films,
        coalesce(sum(roles.director), 0) as director,
        coalesce(sum(roles.writer), 0) as writer,
        coalesce(sum(roles.cast_member), 0) as cast_member
      from films
      left join roles on roles.tconst = films.tconst
      group by films.decade
    )
    select decade, 'no cast' as lacking, 1 - cast(cast_member as double) / films as share, films from counted
    union all
    select decade, 'no director' as lacking, 1 - cast(director as double) / films as share, films from counted
    union all
    select decade, 'no writer' as lacking, 1 - cast(writer as double) / films as share, films from counted
    order by lacking, decade
    """,
    {
        "decade": Column("decade", "year"),
        "lacking": Column("lacking"),
        "share": Column("share of films", "share"),
        "films": Column("films", "count"),
    },
    Lines("decade", "share", series="lacking"),
)

_VOLUME = Panel(
    "volume",
    "Rows of each snapshot",
    "Number of rows in each kept snapshot of each silver table, as a share of the rows in the table's oldest kept "
    "snapshot. A jump is worth a look. All unchanged tables share one line, at 100 %.",
    """
    select published_at, table_name, rows_published,
      cast(rows_published as double)
        / nullif(first_value(rows_published) over (partition by table_name order by published_at), 0) as share
    from lake.snapshots
    where table_name like 'silver.%'
    order by table_name, published_at
    """,
    {
        "published_at": Column("published", "when"),
        "table_name": Column("table"),
        "rows_published": Column("rows", "count"),
        "share": Column("share of the oldest snapshot's rows", "share"),
    },
    Lines("published_at", "share", series="table_name"),
    wide=True,
)

_REASONS = Panel(
    "lines",
    "Lines that could not be read",
    "The first unreadable lines, verbatim. All unreadable lines are in the tables of the schema quarantine.",
    f"""
    select file, line, reason, substr(raw, 1, 120) as raw
    from ({_BAD}) as bad
    order by file, line
    limit 25
    """,  # noqa: S608 - our own names
    {
        "file": Column("dump"),
        "line": Column("line", "id"),
        "reason": Column("reason"),
        "raw": Column("line, verbatim"),
    },
    Rows(),
    wide=True,
    nothing="Every line could be read.",
)

QUALITY = Dashboard(
    "quality",
    "Data quality",
    "What could not be read, what is missing, and how tables change from day to day.",
    (_FIGURES, _QUARANTINE, _COMPLETE, _DROPPED, _CREDITS, _VOLUME, _REASONS),
)
