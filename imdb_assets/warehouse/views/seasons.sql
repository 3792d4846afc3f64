-- Seasons of series: the number of episodes, the number of rated episodes, and their mean rating.
--
-- All episodes of the series in silver.series are included, rated or unrated. A series' episodes of unknown season are
-- in one row, in which the season is null.
select
  episodes.series_tconst,
  series.primary_title as series_title,
  episodes.season_number,
  count(*) as episodes,
  count(episodes.average_rating) as rated_episodes,
  cast(sum(cast(round(episodes.average_rating * 10) as bigint)) as double) / nullif(count(episodes.average_rating), 0) / 10
    as mean_rating,
  coalesce(cast(sum(episodes.num_votes) as bigint), 0) as votes,
  min(episodes.start_year) as first_year,
  max(episodes.start_year) as last_year
from silver.episodes as episodes
inner join silver.series as series on series.tconst = episodes.series_tconst
group by episodes.series_tconst, series.primary_title, episodes.season_number
order by episodes.series_tconst, episodes.season_number
