SELECT tconst, titleType, primaryTitle, originalTitle, isAdult, startYear, endYear, runtimeMinutes,
       if(isNull(genres), [], splitByChar(',', assumeNotNull(genres))) AS genres
FROM {source}
WHERE tconst BETWEEN 'tt0' AND 'tt:'
