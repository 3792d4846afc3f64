-- How long ratings take to settle: how far films' ratings moved in four weeks, by votes and age at the start.
--
-- The four weeks end with the last dump of the history. Films of silver.movies with a rating at both ends count.
-- Ratings of a band and age have settled if nearly all of them moved by at most 0.1.
with last as (
  select max(valid_from) as day from silver.rating_history
),
begun as (
  select
    history.tconst,
    history.average_rating,
    history.num_votes,
    row_number() over (partition by history.tconst order by history.valid_from desc) as nth
  from silver.rating_history as history
  cross join last
  where history.valid_from <= last.day - interval '28' day
),
ended as (
  select
    history.tconst,
    history.average_rating,
    row_number() over (partition by history.tconst order by history.valid_from desc) as nth
  from silver.rating_history as history
),
films as (
  select
    case
      when begun.num_votes < 100 then 1
      when begun.num_votes < 1000 then 2
      when begun.num_votes < 10000 then 3
      else 4
    end as band,
    least(greatest(year(last.day - interval '28' day) - movies.start_year, 0), 10) as age_years,
    abs(cast(round(ended.average_rating * 10) - round(begun.average_rating * 10) as bigint)) as tenths
  from begun
  inner join ended on ended.tconst = begun.tconst and ended.nth = 1
  inner join silver.movies as movies on movies.tconst = begun.tconst
  cross join last
  where begun.nth = 1 and begun.average_rating is not null and ended.average_rating is not null
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
