-- Genres by decade: a genre's share of the decade's films, and the genre's mean rating minus the decade's mean.
--
-- A film with three genres is counted in each of its genres, so the shares of a decade add up to more than one. Decades
-- without rated films are left out.
with films as (
  select tconst, decade, genres, num_votes, cast(round(average_rating * 10) as bigint) as tenths
  from silver.movies
),
decades as (
  select decade, count(*) as films, cast(sum(tenths) as double) / count(tenths) / 10 as mean_rating
  from films
  group by decade
  having count(tenths) > 0
),
of_genre as (
  select
    g.genre,
    films.decade,
    count(*) as films,
    count(films.tenths) as rated_films,
    cast(sum(films.tenths) as double) / nullif(count(films.tenths), 0) / 10 as mean_rating,
    cast(coalesce(sum(films.num_votes), 0) as bigint) as votes
  from films
  cross join unnest(films.genres) as g (genre)
  group by g.genre, films.decade
)
select
  of_genre.genre,
  of_genre.decade,
  of_genre.films,
  of_genre.rated_films,
  cast(of_genre.films as double) / decades.films as share_of_decade,
  of_genre.mean_rating,
  of_genre.mean_rating - decades.mean_rating as rating_against_decade,
  of_genre.votes
from of_genre
inner join decades on decades.decade = of_genre.decade
order by of_genre.genre, of_genre.decade
