-- Directors by the mean rating of their films; one great film is not enough for a high rank.
--
-- Only films with at least 100 votes are included, and only directors who have at least 5 films with at least 100 votes
-- each. The shrunk rating adds 5 imaginary films to a director's own films; an imaginary film has the mean rating of
-- all films with at least 100 votes. In the shrunk rating, 5 own films therefore have half of the weight, and 20 own
-- films have four fifths. The view uses today's ratings; the model's features come from gold.director_reputation, which
-- uses only earlier films. The view has no names, because a join with the fifteen million rows of bronze.name_basics
-- would take longer than everything else in the query.
with films as (
  select tconst, primary_title, start_year, num_votes, cast(round(average_rating * 10) as bigint) as tenths
  from silver.movies
  where num_votes >= 100
),
catalogue as (
  select cast(sum(tenths) as double) / nullif(count(*), 0) as mean_tenths from films
),
directed as (
  select
    credits.nconst,
    films.tconst,
    films.primary_title,
    films.start_year,
    films.num_votes,
    films.tenths
  from silver.credits as credits
  inner join films on films.tconst = credits.tconst
  where credits.role = 'director'
),
directors as (
  select
    nconst,
    count(*) as films,
    sum(tenths) as tenths,
    cast(sum(num_votes) as bigint) as votes,
    min(start_year) as first_year,
    max(start_year) as last_year
  from directed
  group by nconst
  having count(*) >= 5
),
placed as (
  select
    directed.nconst,
    directed.tconst,
    directed.primary_title,
    row_number() over (
      partition by directed.nconst order by directed.tenths desc, directed.num_votes desc, directed.tconst
    ) as place
  from directed
  inner join directors on directors.nconst = directed.nconst
),
rated as (
  select
    directors.*,
    cast(directors.tenths as double) / directors.films / 10 as mean_rating,
    (directors.tenths + 5 * catalogue.mean_tenths) / (directors.films + 5) / 10 as shrunk_rating
  from directors
  cross join catalogue
)
select
  row_number() over (order by rated.shrunk_rating desc, rated.votes desc, rated.nconst) as place,
  rated.nconst,
  rated.films,
  rated.mean_rating,
  rated.shrunk_rating,
  rated.votes,
  rated.first_year,
  rated.last_year,
  placed.tconst as best_tconst,
  placed.primary_title as best_title
from rated
inner join placed on placed.nconst = rated.nconst and placed.place = 1
order by place
