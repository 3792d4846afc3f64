SELECT titleId, ordering, title, region, language,
       split(types, chr(2)) AS types, split(attributes, chr(2)) AS attributes, isOriginalTitle
FROM {source}
WHERE titleId BETWEEN 'tt0' AND 'tt:' AND {readable}
