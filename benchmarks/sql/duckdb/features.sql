WITH films AS (SELECT * FROM {silver_movies}),
reputation AS (SELECT * FROM {gold_director_reputation}),
crew AS (SELECT tconst, start_year AS year, directors, writers FROM {bronze_title_crew} JOIN films USING (tconst)),
crew_credits AS (
    SELECT tconst, year, nconst, max(directs) AS directs, max(writes) AS writes
    FROM (
        SELECT tconst, year, unnest(directors) AS nconst, 1 AS directs, 0 AS writes FROM crew
        UNION ALL
        SELECT tconst, year, unnest(writers), 0, 1 FROM crew
    )
    WHERE regexp_full_match(nconst, 'nm[0-9]{{7,8}}')
    GROUP BY tconst, year, nconst
),
form AS (
    SELECT tconst, nullif(sum(directs), 0) AS director_count, nullif(sum(writes), 0) AS writer_count,
           CASE WHEN max(directs) = 1 AND max(writes) = 1 THEN max(directs * writes) END AS writer_is_director
    FROM crew_credits
    GROUP BY tconst
),
history AS (
    SELECT tconst, CAST(sum(film_count) AS BIGINT) AS films, CAST(sum(rating_tenths_sum) AS BIGINT) AS tenths,
           CAST(sum(rating_tenths_sq_sum) AS BIGINT) AS squares, max(rating_tenths_max) AS highest,
           min(rating_tenths_min) AS lowest, CAST(sum(log_votes_micro_sum) AS BIGINT) AS log_votes
    FROM crew_credits JOIN reputation USING (nconst, year)
    WHERE directs = 1
    GROUP BY tconst
),
career AS (
    SELECT tconst, CAST(sum(film_count) AS BIGINT) AS films, CAST(sum(rating_tenths_sum) AS BIGINT) AS tenths,
           CAST(sum(rating_tenths_sq_sum) AS BIGINT) AS squares, max(rating_tenths_max) AS highest,
           min(rating_tenths_min) AS lowest, CAST(sum(log_votes_micro_sum) AS BIGINT) AS log_votes
    FROM crew_credits JOIN (SELECT * EXCLUDE (year) FROM reputation WHERE year = 9999) USING (nconst)
    WHERE directs = 1
    GROUP BY tconst
)
SELECT
    tconst, average_rating, start_year, decade, runtime_minutes,
    CAST(len(genres) AS INT) AS genre_count,
    CAST(length(primary_title) AS INT) AS title_length,
    CAST(len(string_split(regexp_replace(trim(primary_title, ' '), ' +', ' ', 'g'), ' ')) AS INT) AS title_word_count,
    {genre_flags},
    CAST(runtime_minutes * genre_drama AS INT) AS runtime_x_drama,
    CAST(runtime_minutes * genre_documentary AS INT) AS runtime_x_documentary,
    CAST(runtime_minutes * genre_count AS INT) AS runtime_x_genre_count,
    CAST(start_year * genre_horror AS INT) AS year_x_horror,
    CAST(start_year * genre_documentary AS INT) AS year_x_documentary,
    genre_drama * genre_comedy AS drama_x_comedy,
    num_votes,
    ln(num_votes) AS log_votes,
    ln(num_votes) * runtime_minutes AS log_votes_x_runtime,
    CAST(career.films AS INT) AS director_career_film_count,
    career.tenths / (nullif(career.films, 0) * 10.0::DOUBLE) AS director_career_mean_rating,
    round(career.highest / 10.0::DOUBLE, 1) AS director_career_max_rating,
    round(career.lowest / 10.0::DOUBLE, 1) AS director_career_min_rating,
    sqrt(career.films * career.squares - career.tenths * career.tenths) / (nullif(career.films, 0) * 10.0::DOUBLE)
        AS director_career_rating_std,
    career.log_votes / (nullif(career.films, 0) * 1e6) AS director_career_mean_log_votes,
    CAST(history.films AS INT) AS director_film_count,
    history.tenths / (nullif(history.films, 0) * 10.0::DOUBLE) AS director_mean_rating,
    round(history.highest / 10.0::DOUBLE, 1) AS director_max_rating,
    round(history.lowest / 10.0::DOUBLE, 1) AS director_min_rating,
    sqrt(history.films * history.squares - history.tenths * history.tenths) / (nullif(history.films, 0) * 10.0::DOUBLE)
        AS director_rating_std,
    history.log_votes / (nullif(history.films, 0) * 1e6) AS director_mean_log_votes,
    CAST(primary_title <> original_title AS INT) AS original_title_differs,
    CAST(regexp_matches(primary_title, '[0-9]') AS INT) AS title_has_digit,
    CAST(strlen(original_title) <> length(original_title) AS INT) AS title_non_ascii, -- bytes against characters
    CAST(director_count AS INT) AS director_count,
    CAST(writer_count AS INT) AS writer_count,
    CAST(writer_is_director AS INT) AS writer_is_director
FROM films
LEFT JOIN career USING (tconst)
LEFT JOIN history USING (tconst)
LEFT JOIN form USING (tconst)
