-- Where films are shown: how many films have a title of their own in a region, and how these films are rated.
--
-- A film is counted only once in a region, even if it has several titles there. Regions are IMDb's region codes, such
-- as FR.
with shown as (
  select distinct tconst, region
  from silver.releases
  where region is not null
)
select
  shown.region,
  count(*) as films,
  count(movies.average_rating) as rated_films,
  cast(sum(cast(round(movies.average_rating * 10) as bigint)) as double)
  / nullif(count(movies.average_rating), 0) / 10 as mean_rating,
  cast(coalesce(sum(movies.num_votes), 0) as bigint) as votes
from shown
inner join silver.movies as movies on movies.tconst = shown.tconst
group by shown.region
order by films desc, shown.region
