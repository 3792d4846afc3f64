WITH films AS (
    SELECT tconst, primaryTitle AS primary_title, originalTitle AS original_title, startYear AS start_year,
           startYear // 10 * 10 AS decade, runtimeMinutes AS runtime_minutes, genres
    FROM {bronze_title_basics}
    WHERE titleType = 'movie' AND isAdult = 0 AND startYear BETWEEN 1870 AND 2200 AND len(genres) > 0
          AND runtimeMinutes BETWEEN 40 AND 400
    QUALIFY row_number() OVER (
        PARTITION BY tconst
        ORDER BY start_year NULLS FIRST, runtime_minutes NULLS FIRST, primary_title NULLS FIRST,
                 original_title NULLS FIRST, len(genres), list_min(genres), list_max(genres)
    ) = 1
),
ratings AS (
    SELECT tconst, averageRating AS average_rating, numVotes AS num_votes
    FROM {bronze_title_ratings}
    WHERE numVotes > 0
    QUALIFY row_number() OVER (PARTITION BY tconst ORDER BY numVotes DESC, averageRating DESC) = 1
)
SELECT films.*, average_rating, num_votes
FROM films LEFT JOIN ratings USING (tconst)
