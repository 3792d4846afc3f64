SELECT tconst, titleType, primaryTitle, originalTitle, isAdult, startYear, endYear, runtimeMinutes,
       split(genres, ',') AS genres
FROM {source}
WHERE tconst BETWEEN 'tt0' AND 'tt:' AND {readable}
