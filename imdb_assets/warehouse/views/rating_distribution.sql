-- How ratings are spread, by number of votes: extreme ratings belong to films that hardly anyone has rated.
--
-- The view has one row for each band of votes and each rating that a film of the band has. Each share refers to
-- the films in the row's band of votes.
with films as (
  select
    cast(round(average_rating * 10) as bigint) as tenths,
    case
      when num_votes < 100 then 1
      when num_votes < 1000 then 2
      when num_votes < 10000 then 3
      else 4
    end as band
  from silver.movies
  where average_rating is not null
),
counted as (
  select band, tenths, count(*) as films
  from films
  group by band, tenths
)
select
  band,
  case band when 1 then 'under 100' when 2 then '100 to 999' when 3 then '1,000 to 9,999' else '10,000 and more' end as votes,
  cast(tenths as double) / 10 as rating,
  films,
  cast(films as double) / sum(films) over (partition by band) as share_of_band,
  cast(sum(films) over (partition by band order by tenths rows between unbounded preceding and current row) as double)
  / sum(films) over (partition by band) as share_up_to
from counted
order by band, tenths
