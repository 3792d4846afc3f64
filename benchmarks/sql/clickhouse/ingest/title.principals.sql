SELECT tconst, ordering, nconst, category, job, JSONExtract(ifNull(text, ''), 'Array(String)') AS characters,
       if(empty(characters), text, NULL) AS charactersRaw
FROM (SELECT * EXCEPT characters, characters AS text FROM {source})
WHERE tconst BETWEEN 'tt0' AND 'tt:' AND nconst BETWEEN 'nm0' AND 'nm:'
