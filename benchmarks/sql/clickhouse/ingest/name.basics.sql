SELECT nconst, primaryName, birthYear, deathYear,
       if(isNull(primaryProfession), [], splitByChar(',', assumeNotNull(primaryProfession))) AS primaryProfession,
       if(isNull(knownForTitles), [], splitByChar(',', assumeNotNull(knownForTitles))) AS knownForTitles
FROM {source}
WHERE nconst BETWEEN 'nm0' AND 'nm:'
