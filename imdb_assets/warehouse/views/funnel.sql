-- From raw to clean: how many lines of the dump of titles are left after each rule, down to rated films.
--
-- The rules are those of silver.movies (`transforms/movies.py`), in the same order; a test compares the two lists of
-- rules. The later rules are tested only on titles of type movie, which are one in twenty of the twelve million rows.
with lines as (
  select
    (select count(*) from bronze.title_basics) as readable,
    (select count(*) from quarantine.title_basics) as unreadable
),
passed as (
  select
    "isAdult" = 0 as is_not_adult,
    "startYear" between 1870 and 2200 as has_year,
    array_length(genres) > 0 as has_genre,
    "runtimeMinutes" is not null as has_runtime,
    "runtimeMinutes" between 40 and 400 as has_length
  from bronze.title_basics
  where "titleType" = 'movie'
),
titles as (
  select
    count(*) as movies,
    count(case when is_not_adult then 1 end) as not_adult,
    count(case when is_not_adult and has_year then 1 end) as with_year,
    count(case when is_not_adult and has_year and has_genre then 1 end) as with_genre,
    count(case when is_not_adult and has_year and has_genre and has_runtime then 1 end) as with_runtime,
    count(case when is_not_adult and has_year and has_genre and has_length then 1 end) as of_length
  from passed
),
films as (
  select count(*) as films, count(average_rating) as rated from silver.movies
),
steps as (
  select
    step,
    rule,
    case step
      when 0 then lines.readable + lines.unreadable
      when 1 then lines.readable
      when 2 then titles.movies
      when 3 then titles.not_adult
      when 4 then titles.with_year
      when 5 then titles.with_genre
      when 6 then titles.with_runtime
      when 7 then titles.of_length
      when 8 then films.films
      when 9 then films.rated
    end as titles_left
  from lines
  cross join titles
  cross join films
  cross join (
    values
    (0, 'line of the dump'),
    (1, 'can be read'),
    (2, 'is of type movie'),
    (3, 'is not an adult title'),
    (4, 'has a year of release'),
    (5, 'has at least one genre'),
    (6, 'has a runtime'),
    (7, 'runs 40-400 minutes'),
    (8, 'is listed once'),
    (9, 'is rated (clean films)')
  ) as rules (step, rule)
)
select
  step,
  rule,
  titles_left,
  lag(titles_left) over (order by step) - titles_left as dropped,
  cast(titles_left as double) / nullif(max(titles_left) over (), 0) as share_of_lines
from steps
order by step
