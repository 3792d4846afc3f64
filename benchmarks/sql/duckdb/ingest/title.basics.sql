SELECT tconst, titleType, primaryTitle, originalTitle, isAdult, startYear, endYear, runtimeMinutes,
       string_split(genres, ',') AS genres
FROM {source}
WHERE tconst BETWEEN 'tt0' AND 'tt:' -- an id that is none, by comparison alone: a pattern would cost far more
