WITH films AS (SELECT * FROM {silver_movies}),
reputation AS (SELECT * FROM {gold_director_reputation}),
crew AS (
    SELECT /*+ BROADCAST(years) */ tconst, year, directors, writers
    FROM {bronze_title_crew} JOIN (SELECT tconst, start_year AS year FROM films) AS years USING (tconst)
),
crew_credits AS (
    SELECT tconst, year, nconst, max(directs) AS directs, max(writes) AS writes
    FROM (
        SELECT tconst, year, explode(directors) AS nconst, 1 AS directs, 0 AS writes FROM crew
        UNION ALL
        SELECT tconst, year, explode(writers), 0, 1 FROM crew
    )
    WHERE nconst RLIKE '^nm[0-9]{{7,8}}$'
    GROUP BY tconst, year, nconst
),
form AS (
    SELECT tconst, nullif(sum(directs), 0) AS director_count, nullif(sum(writes), 0) AS writer_count,
           CASE WHEN max(directs) = 1 AND max(writes) = 1 THEN max(directs * writes) END AS writer_is_director
    FROM crew_credits
    GROUP BY tconst
),
history AS (
    SELECT tconst, CAST(sum(film_count) AS BIGINT) AS films, sum(rating_tenths_sum) AS tenths,
           sum(rating_tenths_sq_sum) AS squares, max(rating_tenths_max) AS highest,
           min(rating_tenths_min) AS lowest, sum(log_votes_micro_sum) AS log_votes
    FROM crew_credits JOIN reputation USING (nconst, year)
    WHERE directs = 1
    GROUP BY tconst
),
career AS (
    SELECT tconst, CAST(sum(film_count) AS BIGINT) AS films, sum(rating_tenths_sum) AS tenths,
           sum(rating_tenths_sq_sum) AS squares, max(rating_tenths_max) AS highest,
           min(rating_tenths_min) AS lowest, sum(log_votes_micro_sum) AS log_votes
    FROM (SELECT tconst, nconst, directs FROM crew_credits)
    JOIN (SELECT * FROM reputation WHERE year = 9999) USING (nconst)
    WHERE directs = 1
    GROUP BY tconst
),
facts AS (
    SELECT *, size(genres) AS genre_count,
        {genre_flags}
    FROM films
)
SELECT
    tconst, average_rating, start_year, decade, runtime_minutes,
    genre_count,
    length(primary_title) AS title_length,
    size(split(regexp_replace(trim(BOTH ' ' FROM primary_title), ' +', ' '), ' ')) AS title_word_count,
    {genre_names},
    runtime_minutes * genre_drama AS runtime_x_drama,
    runtime_minutes * genre_documentary AS runtime_x_documentary,
    runtime_minutes * genre_count AS runtime_x_genre_count,
    start_year * genre_horror AS year_x_horror,
    start_year * genre_documentary AS year_x_documentary,
    genre_drama * genre_comedy AS drama_x_comedy,
    num_votes,
    ln(num_votes) AS log_votes,
    ln(num_votes) * runtime_minutes AS log_votes_x_runtime,
    CAST(career.films AS INT) AS director_career_film_count,
    career.tenths / (nullif(career.films, 0) * 10D) AS director_career_mean_rating,
    round(career.highest / 10D, 1) AS director_career_max_rating,
    round(career.lowest / 10D, 1) AS director_career_min_rating,
    sqrt(career.films * career.squares - career.tenths * career.tenths) / (nullif(career.films, 0) * 10D)
        AS director_career_rating_std,
    career.log_votes / (nullif(career.films, 0) * 1e6D) AS director_career_mean_log_votes,
    CAST(history.films AS INT) AS director_film_count,
    history.tenths / (nullif(history.films, 0) * 10D) AS director_mean_rating,
    round(history.highest / 10D, 1) AS director_max_rating,
    round(history.lowest / 10D, 1) AS director_min_rating,
    sqrt(history.films * history.squares - history.tenths * history.tenths) / (nullif(history.films, 0) * 10D)
        AS director_rating_std,
    history.log_votes / (nullif(history.films, 0) * 1e6D) AS director_mean_log_votes,
    CAST(primary_title <> original_title AS INT) AS original_title_differs,
    CAST(primary_title RLIKE '[0-9]' AS INT) AS title_has_digit,
    CAST(octet_length(original_title) <> length(original_title) AS INT) AS title_non_ascii, -- bytes against characters
    CAST(director_count AS INT) AS director_count,
    CAST(writer_count AS INT) AS writer_count,
    writer_is_director
FROM facts
LEFT JOIN career USING (tconst)
LEFT JOIN history USING (tconst)
LEFT JOIN form USING (tconst)
