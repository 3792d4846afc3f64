-- Films by decade: how many there are, how many are rated, how well they are rated, and how long they run.
--
-- Ratings are summed as whole numbers of tenths, so that every engine gets the same sums. A decade that has only
-- announced films has no rated film, so the decade's means are null. `most_voted_title` is the title of the film with the most
-- votes; if several films have the same number of votes, the film with the lowest id is shown.
with films as (
  select
    decade,
    runtime_minutes,
    num_votes,
    cast(round(average_rating * 10) as bigint) as tenths
  from silver.movies
),
most as (
  select decade, max(num_votes) as num_votes
  from silver.movies
  group by decade
),
placed as (
  select
    movies.decade,
    movies.primary_title,
    row_number() over (partition by movies.decade order by movies.tconst) as place
  from silver.movies as movies
  inner join most on most.decade = movies.decade and most.num_votes = movies.num_votes
)
select
  films.decade,
  count(*) as films,
  count(tenths) as rated_films,
  cast(count(tenths) as double) / count(*) as rated_share,
  cast(sum(tenths) as double) / nullif(count(tenths), 0) / 10 as mean_rating,
  sqrt(
    case
      when count(tenths) > 0
        then greatest(
          cast(sum(tenths * tenths) as double) / count(tenths) - power(cast(sum(tenths) as double) / count(tenths), 2), 0
        )
    end
  ) / 10 as rating_spread,
  cast(coalesce(sum(films.num_votes), 0) as bigint) as votes,
  cast(sum(films.runtime_minutes) as double) / count(*) as mean_runtime_minutes,
  max(placed.primary_title) as most_voted_title
from films
left join placed on placed.decade = films.decade and placed.place = 1
group by films.decade
order by films.decade
