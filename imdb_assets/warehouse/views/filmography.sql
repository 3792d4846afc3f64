-- A person's films by role: every credit in a film of silver.movies, with the person's name and the film's rating.
--
-- With IMDb's dumps, the view has five million rows: ask for one person (`where nconst = …`) or for one role. The view
-- does not sort its rows.
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
