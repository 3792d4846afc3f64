-- Best and worst episodes: for each series, the three highest-rated and the three lowest-rated episodes.
--
-- Only episodes with at least 20 votes are included, and only series that have at least 10 episodes with at least 20
-- votes each. If two episodes of a series have the same rating, the episode with more votes ranks higher.
with rated as (
  select
    series_tconst,
    tconst,
    season_number,
    episode_number,
    primary_title,
    start_year,
    average_rating,
    num_votes,
    count(*) over (partition by series_tconst) as episodes,
    row_number() over (partition by series_tconst order by average_rating desc, num_votes desc, tconst) as from_best,
    row_number() over (partition by series_tconst order by average_rating, num_votes, tconst desc) as from_worst
  from silver.episodes
  where num_votes >= 20
)
select
  rated.series_tconst,
  series.primary_title as series_title,
  case when rated.from_best <= 3 then 'best' else 'worst' end as side,
  case when rated.from_best <= 3 then rated.from_best else rated.from_worst end as place,
  rated.tconst,
  rated.season_number,
  rated.episode_number,
  rated.primary_title,
  rated.start_year,
  rated.average_rating,
  rated.num_votes
from rated
inner join silver.series as series on series.tconst = rated.series_tconst
where rated.episodes >= 10 and (rated.from_best <= 3 or rated.from_worst <= 3)
order by rated.series_tconst, side, place
