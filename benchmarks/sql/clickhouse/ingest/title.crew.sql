SELECT tconst,
       if(isNull(directors), [], splitByChar(',', assumeNotNull(directors))) AS directors,
       if(isNull(writers), [], splitByChar(',', assumeNotNull(writers))) AS writers
FROM {source}
WHERE tconst BETWEEN 'tt0' AND 'tt:'
