-- Titles whose rating rose or fell in the seven days up to the last dump: at most 500 rises and 500 falls.
--
-- Titles with fewer than 100 votes at the start or the end of the seven days are left out, because a few votes can move
-- their rating. Titles that gained or lost their rating in the seven days are left out. The view joins the history
-- with a list of the seven days, because engines then read only the files of the listed days.
with last as (
  select max(valid_from) as day from silver.rating_history
),
days as (
  select distinct history.valid_from as day
  from silver.rating_history as history
  cross join last
  where history.valid_from > last.day - interval '7' day
),
week as (
  select
    history.tconst,
    history.average_rating,
    history.num_votes,
    sum(round(history.rating_change * 10)) over (partition by history.tconst) as tenths,
    sum(history.votes_change) over (partition by history.tconst) as votes,
    count(case when history.rating_change is null then 1 end) over (partition by history.tconst) as days_without,
    row_number() over (partition by history.tconst order by history.valid_from desc) as nth
  from silver.rating_history as history
  inner join days on days.day = history.valid_from
),
moved as (
  select
    tconst,
    (round(average_rating * 10) - tenths) / 10 as rating_before,
    average_rating,
    cast(tenths as bigint) as tenths,
    cast(num_votes - votes as integer) as votes_before,
    num_votes
  from week
  where nth = 1 and days_without = 0 and num_votes >= 100 and num_votes - votes >= 100
),
placed as (
  select
    case when tenths > 0 then 'rose' else 'fell' end as direction,
    row_number() over (partition by tenths > 0 order by abs(tenths) desc, num_votes desc, tconst) as place,
    moved.*
  from moved
  where tenths <> 0
),
titles as (
  select basics.tconst, min(basics.titleType) as kind, min(basics.primaryTitle) as primary_title
  from bronze.title_basics as basics
  inner join placed on placed.tconst = basics.tconst and placed.place <= 500
  group by basics.tconst
)
select
  placed.direction,
  placed.place,
  placed.tconst,
  titles.kind,
  titles.primary_title,
  placed.rating_before,
  placed.average_rating,
  cast(placed.tenths as double) / 10 as change,
  placed.votes_before,
  placed.num_votes
from placed
left join titles on titles.tconst = placed.tconst
where placed.place <= 500
order by placed.direction desc, placed.place
