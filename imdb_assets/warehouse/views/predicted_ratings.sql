-- Each film's prediction, made from what is known before the film's release.
--
-- models.predictions has up to four predictions for a film; this view has only the pre-release one. For a rated
-- film, the prediction comes from a model that was not trained on the film; otherwise, from the model in service.
-- `above_prediction` is the rating minus the prediction.
select
  predictions.tconst,
  movies.primary_title,
  movies.start_year,
  movies.genres,
  movies.num_votes,
  movies.average_rating,
  predictions.predicted,
  predictions.lower,
  predictions.upper,
  movies.average_rating - predictions.predicted as above_prediction,
  predictions.model_version
from models.predictions as predictions
inner join silver.movies as movies on movies.tconst = predictions.tconst
where predictions.regime = 'pre-release' and predictions.split in ('fold', 'unrated')
order by predictions.tconst
