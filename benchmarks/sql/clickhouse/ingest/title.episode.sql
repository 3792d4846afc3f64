SELECT * FROM {source} WHERE tconst BETWEEN 'tt0' AND 'tt:' AND parentTconst BETWEEN 'tt0' AND 'tt:'
