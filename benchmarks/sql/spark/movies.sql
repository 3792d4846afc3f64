WITH films AS (
    SELECT tconst, primaryTitle AS primary_title, originalTitle AS original_title, startYear AS start_year,
           CAST(startYear DIV 10 * 10 AS INT) AS decade, runtimeMinutes AS runtime_minutes, genres,
           row_number() OVER (
               PARTITION BY tconst
               ORDER BY startYear NULLS FIRST, runtimeMinutes NULLS FIRST, primaryTitle NULLS FIRST,
                        originalTitle NULLS FIRST, size(genres), array_min(genres), array_max(genres)
           ) AS place
    FROM {bronze_title_basics}
    WHERE titleType = 'movie' AND isAdult = 0 AND startYear BETWEEN 1870 AND 2200 AND size(genres) > 0
          AND runtimeMinutes BETWEEN 40 AND 400
),
ratings AS (
    SELECT tconst, averageRating AS average_rating, numVotes AS num_votes,
           row_number() OVER (PARTITION BY tconst ORDER BY numVotes DESC, averageRating DESC) AS place
    FROM {bronze_title_ratings}
    WHERE numVotes > 0
)
SELECT tconst, primary_title, original_title, start_year, decade, runtime_minutes, genres, average_rating, num_votes
FROM (SELECT * FROM films WHERE place = 1)
LEFT JOIN (SELECT * FROM ratings WHERE place = 1) USING (tconst)
