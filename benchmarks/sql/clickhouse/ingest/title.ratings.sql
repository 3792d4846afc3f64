SELECT * FROM {source} WHERE tconst BETWEEN 'tt0' AND 'tt:'
