-- Careers: the mean rating of directors' first, second, … films, compared with the same directors' first films.
--
-- Directors who make ten films may be better from the start than directors who make one. `against_first` therefore
-- compares, for example, tenth films with the first films of the same directors, so that a difference comes from the
-- career and not from the choice of directors. Only a director's first twenty rated films (by year) are included.
with directed as (
  select
    credits.nconst,
    cast(round(movies.average_rating * 10) as bigint) as tenths,
    row_number() over (partition by credits.nconst order by movies.start_year, movies.tconst) as film
  from silver.credits as credits
  inner join silver.movies as movies on movies.tconst = credits.tconst
  where credits.role = 'director' and movies.average_rating is not null
),
firsts as (
  select nconst, tenths from directed where film = 1
)
select
  directed.film,
  count(*) as directors,
  cast(sum(directed.tenths) as double) / count(*) / 10 as mean_rating,
  cast(sum(firsts.tenths) as double) / count(*) / 10 as mean_rating_of_first,
  cast(sum(directed.tenths - firsts.tenths) as double) / count(*) / 10 as against_first
from directed
inner join firsts on firsts.nconst = directed.nconst
where directed.film <= 20
group by directed.film
order by directed.film
