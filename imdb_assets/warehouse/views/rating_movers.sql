-- What rose and fell in the seven days up to the last dump: at most 500 titles each way, the largest change first.
--
-- Only titles with at least 100 votes on both days count, so that a handful of votes is no movement. Titles that were
-- not rated on one of the two days are left out.
with last as (
  select max(valid_from) as day from silver.rating_history
),
week as (
  select
    history.tconst,
    history.average_rating,
    history.num_votes,
    row_number() over (partition by history.tconst order by history.valid_from desc) as nth
  from silver.rating_history as history
  cross join last
  where history.valid_from > last.day - interval '7' day
),
earlier as (
  select
    history.tconst,
    history.average_rating,
    history.num_votes,
    row_number() over (partition by history.tconst order by history.valid_from desc) as nth
  from silver.rating_history as history
  cross join last
  inner join week on week.tconst = history.tconst and week.nth = 1 and week.num_votes >= 100
  where history.valid_from <= last.day - interval '7' day
),
moved as (
  select
    week.tconst,
    earlier.average_rating as rating_before,
    week.average_rating,
    cast(round(week.average_rating * 10) - round(earlier.average_rating * 10) as bigint) as tenths,
    earlier.num_votes as votes_before,
    week.num_votes
  from week
  inner join earlier on earlier.tconst = week.tconst and earlier.nth = 1
  where week.nth = 1 and week.num_votes >= 100 and earlier.num_votes >= 100
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
