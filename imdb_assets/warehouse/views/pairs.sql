-- Pairs who work together: two people who directed, wrote or starred in at least five films together.
--
-- Directors, writers and the first four people of a film's cast are included; a person with two of these jobs in a film
-- is counted once. Each pair appears once, with the lower id first.
with makers as (
  select distinct nconst, tconst
  from silver.credits
  where role in ('director', 'writer') or (role = 'cast' and billing_order <= 4)
),
regulars as (
  select nconst from makers group by nconst having count(*) >= 5
),
busy as (
  select makers.nconst, makers.tconst
  from makers
  inner join regulars on regulars.nconst = makers.nconst
),
together as (
  select
    one.nconst,
    other.nconst as other_nconst,
    count(*) as films,
    count(movies.average_rating) as rated_films,
    sum(cast(round(movies.average_rating * 10) as bigint)) as tenths,
    min(movies.start_year) as first_year,
    max(movies.start_year) as last_year
  from busy as one
  inner join busy as other on other.tconst = one.tconst
  inner join silver.movies as movies on movies.tconst = one.tconst
  where one.nconst < other.nconst
  group by one.nconst, other.nconst
  having count(*) >= 5
)
select
  together.nconst,
  people.name,
  together.other_nconst,
  others.name as other_name,
  together.films,
  together.rated_films,
  cast(together.tenths as double) / nullif(together.rated_films, 0) / 10 as mean_rating,
  together.first_year,
  together.last_year
from together
inner join silver.people as people on people.nconst = together.nconst
inner join silver.people as others on others.nconst = together.other_nconst
order by together.films desc, together.nconst, together.other_nconst
