-- Are longer films rated higher? Ratings by runtime in bands of ten minutes, with documentaries shown separately.
--
-- Documentaries are short and rated high. If documentaries were not separate, the view would not show that longer
-- fiction films are rated higher. The standard error says how certain the mean rating of a band is. Only rated films
-- are included.
with films as (
  select
    case when list_contains(genres, 'Documentary') then 'documentary' else 'fiction' end as kind,
    cast(floor(runtime_minutes / 10.0) * 10 as integer) as runtime_from,
    num_votes,
    cast(round(average_rating * 10) as bigint) as tenths
  from silver.movies
  where average_rating is not null
),
banded as (
  select
    kind,
    runtime_from,
    count(*) as films,
    cast(sum(tenths) as double) / count(*) as mean_tenths,
    cast(sum(tenths * tenths) as double) / count(*) as mean_square,
    cast(sum(num_votes) as double) / count(*) as mean_votes
  from films
  group by kind, runtime_from
)
select
  kind,
  runtime_from,
  runtime_from + 9 as runtime_to,
  films,
  mean_tenths / 10 as mean_rating,
  sqrt(greatest(mean_square - mean_tenths * mean_tenths, 0) / films) / 10 as standard_error,
  mean_votes
from banded
order by kind, runtime_from
