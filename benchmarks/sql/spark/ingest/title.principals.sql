SELECT tconst, ordering, nconst, category, job, parsed AS characters,
       CASE WHEN parsed IS NULL THEN text END AS charactersRaw
FROM (
    SELECT tconst, ordering, nconst, category, job, characters AS text, from_json(characters, 'array<string>') AS parsed
    FROM {source}
    WHERE tconst BETWEEN 'tt0' AND 'tt:' AND nconst BETWEEN 'nm0' AND 'nm:' AND {readable}
)
