SELECT tconst, string_split(directors, ',') AS directors, string_split(writers, ',') AS writers
FROM {source}
WHERE tconst BETWEEN 'tt0' AND 'tt:'
