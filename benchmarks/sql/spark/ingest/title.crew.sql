SELECT tconst, split(directors, ',') AS directors, split(writers, ',') AS writers
FROM {source}
WHERE tconst BETWEEN 'tt0' AND 'tt:'
