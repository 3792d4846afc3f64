-- A person's films by role: every credit in a film of silver.movies, with the person's name and the film's rating.
--
-- There are five million rows at IMDb's size: ask for one person (`where nconst = …`) or role. Rows are in no order.
select
  credits.nconst,
  people.name,
  credits.role,
  credits.tconst,
  movies.primary_title,
  movies.start_year,
  credits.billing_order,
  movies.average_rating,
  movies.num_votes
from silver.credits as credits
inner join silver.movies as movies on movies.tconst = credits.tconst
inner join silver.people as people on people.nconst = credits.nconst
