-- How long ratings take to settle: how far films' ratings moved in the last four weeks, by votes and age.
--
-- The four weeks end with the last dump of the history; votes and age are those at the start of the four weeks. The
-- rated films of silver.movies are included, except films that gained or lost their rating in the four weeks. If the
-- history has no row for a film in the four weeks, the film's rating has not moved. Films with a given number of votes
-- and age have settled if the ratings of nearly all of them moved by at most 0.1. The view joins the history with a
-- list of the days of the four weeks, because engines then read only the files of the listed days.
with last as (
  select max(valid_from) as day, max(valid_from) - interval '28' day as begin, min(valid_from) as first
  from silver.rating_history
),
days as (
  select distinct history.valid_from as day
  from silver.rating_history as history
  cross join last
  where history.valid_from > last.begin
),
weeks as (
  select
    history.tconst,
    history.num_votes,
    sum(round(history.rating_change * 10)) over (partition by history.tconst) as tenths,
    sum(history.votes_change) over (partition by history.tconst) as votes,
    count(case when history.rating_change is null then 1 end) over (partition by history.tconst) as days_without,
    row_number() over (partition by history.tconst order by history.valid_from desc) as nth
  from silver.rating_history as history
  inner join days on days.day = history.valid_from
),
compared as (
  select
    movies.start_year,
    coalesce(weeks.num_votes - weeks.votes, movies.num_votes) as votes_before,
    abs(cast(coalesce(weeks.tenths, 0) as bigint)) as tenths
  from silver.movies as movies
  left join weeks on weeks.tconst = movies.tconst and weeks.nth = 1
  where coalesce(weeks.days_without, 0) = 0 and movies.average_rating is not null
),
films as (
  select
    case
      when compared.votes_before < 100 then 1
      when compared.votes_before < 1000 then 2
      when compared.votes_before < 10000 then 3
      else 4
    end as band,
    least(greatest(year(last.begin) - compared.start_year, 0), 10) as age_years,
    compared.tenths
  from compared
  cross join last
  where last.first <= last.begin
)
select
  cast(band as integer) as band,
  case band
    when 1 then 'under 100'
    when 2 then '100 to 999'
    when 3 then '1,000 to 9,999'
    else '10,000 and more'
  end as votes,
  cast(age_years as integer) as age_years,
  count(*) as films,
  cast(sum(tenths) as double) / count(*) / 10 as mean_movement,
  cast(sum(case when tenths <= 1 then 1 else 0 end) as double) / count(*) as settled_share
from films
group by band, age_years
order by band, age_years
