SELECT titleId, ordering, title, region, language,
       string_split(types, chr(2)) AS types, string_split(attributes, chr(2)) AS attributes, isOriginalTitle
FROM {source}
WHERE titleId BETWEEN 'tt0' AND 'tt:'
