-- Films by decade: how many there are, how many are rated and how well, how long they run, which one most people voted on.
--
-- Ratings are added up in whole tenths, so that every engine gets the same sums. A decade whose films are all announced
-- has no rated film: its means are null. Of films with equally many votes the lower id is the one shown.
with films as (
  select
    decade,
    tconst,
    primary_title,
    runtime_minutes,
    num_votes,
    cast(round(average_rating * 10) as bigint) as tenths,
    row_number() over (partition by decade order by coalesce(num_votes, 0) desc, tconst) as place
  from silver.movies
)
select
  decade,
  count(*) as films,
  count(tenths) as rated_films,
  cast(count(tenths) as double) / count(*) as rated_share,
  cast(sum(tenths) as double) / nullif(count(tenths), 0) / 10 as mean_rating,
  sqrt(
    case
      when count(tenths) > 0
        then greatest(
          cast(sum(tenths * tenths) as double) / count(tenths) - power(cast(sum(tenths) as double) / count(tenths), 2), 0
        )
    end
  ) / 10 as rating_spread,
  cast(coalesce(sum(num_votes), 0) as bigint) as votes,
  cast(sum(runtime_minutes) as double) / count(*) as mean_runtime_minutes,
  max(case when place = 1 and num_votes is not null then primary_title end) as most_voted_title
from films
group by decade
order by decade
