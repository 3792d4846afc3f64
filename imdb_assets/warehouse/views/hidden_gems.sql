-- Loved and little seen: films with a weighted rating in the best tenth and no more votes than the median film.
--
-- Only films with at least 100 votes are included. The weighted rating adds 200 imaginary votes to a film's own votes,
-- as IMDb does, so that a handful of friends cannot lift the film; an imaginary vote is the mean rating of the included
-- films. The view has at most 500 films, the best first.
with films as (
  select
    tconst,
    primary_title,
    start_year,
    genres,
    average_rating,
    num_votes,
    cast(round(average_rating * 10) as bigint) as tenths,
    percent_rank() over (order by num_votes) as seen
  from silver.movies
  where num_votes >= 100
),
catalogue as (
  select cast(sum(tenths) as double) / nullif(count(*), 0) as mean_tenths from films
),
weighted as (
  select
    films.*,
    (films.tenths * films.num_votes + 200 * catalogue.mean_tenths) / (films.num_votes + 200) / 10 as weighted_rating
  from films
  cross join catalogue
),
placed as (
  select
    weighted.*,
    percent_rank() over (order by weighted_rating desc) as loved
  from weighted
),
gems as (
  select
    placed.*,
    row_number() over (order by weighted_rating desc, num_votes, tconst) as place
  from placed
  where loved <= 0.1 and seen <= 0.5
)
select
  place,
  tconst,
  primary_title,
  start_year,
  genres,
  average_rating,
  weighted_rating,
  num_votes,
  seen as seen_more_than
from gems
where place <= 500
order by place
