SELECT titleId, ordering, title, region, language,
       if(isNull(types), [], splitByChar(char(2), assumeNotNull(types))) AS types,
       if(isNull(attributes), [], splitByChar(char(2), assumeNotNull(attributes))) AS attributes, isOriginalTitle
FROM {source}
WHERE titleId BETWEEN 'tt0' AND 'tt:'
