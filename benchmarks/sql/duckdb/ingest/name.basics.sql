SELECT nconst, primaryName, birthYear, deathYear,
       string_split(primaryProfession, ',') AS primaryProfession, string_split(knownForTitles, ',') AS knownForTitles
FROM {source}
WHERE nconst BETWEEN 'nm0' AND 'nm:'
