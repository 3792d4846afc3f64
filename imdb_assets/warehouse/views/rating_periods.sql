-- The history with both ends of each period: a row of silver.rating_history is valid until the title's next row.
--
-- Rows of the history never change, so the view takes the end of a period from the title's next row. The view does not
-- sort its rows.
select
  tconst,
  valid_from,
  lead(valid_from) over (partition by tconst order by valid_from) as valid_to,
  average_rating,
  num_votes
from silver.rating_history
