-- Each film's prediction: one for every film, from what is known before its release, without its own rating.
--
-- models.predictions has up to four predictions for a film. This view has a prediction of the regime pre-release: for a
-- rated film, that of a model that was not trained on the film; for any other film, that of the model in service.
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
