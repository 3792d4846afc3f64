SELECT nconst, primaryName, birthYear, deathYear,
       split(primaryProfession, ',') AS primaryProfession, split(knownForTitles, ',') AS knownForTitles
FROM {source}
WHERE nconst BETWEEN 'nm0' AND 'nm:' AND {readable}
