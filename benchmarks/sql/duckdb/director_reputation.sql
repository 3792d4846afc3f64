WITH films AS (
    SELECT tconst, start_year AS year,
           CAST(floor(average_rating * 10 + 0.5) AS BIGINT) AS tenths,
           CAST(floor(ln(num_votes) * 1e6 + 0.5) AS BIGINT) AS log_votes_micro
    FROM {silver_movies}
),
directed AS (
    SELECT DISTINCT tconst, nconst, year, tenths, log_votes_micro
    FROM (
        SELECT tconst, unnest(directors) AS nconst, year, tenths, log_votes_micro
        FROM {bronze_title_crew} JOIN films USING (tconst)
    )
    WHERE regexp_full_match(nconst, 'nm[0-9]{{7,8}}')
),
per_year AS (
    SELECT nconst, year, count(tenths) AS films, sum(tenths) AS tenths_sum, sum(tenths * tenths) AS tenths_sq_sum,
           sum(log_votes_micro) AS log_votes_sum, max(tenths) AS tenths_max, min(tenths) AS tenths_min,
           min(year) FILTER (tenths IS NOT NULL) AS first_rated, max(year) FILTER (tenths IS NOT NULL) AS last_rated
    FROM directed
    GROUP BY nconst, year
),
with_open AS (
    SELECT * FROM per_year
    UNION ALL
    SELECT DISTINCT nconst, 9999, 0, 0, 0, 0, NULL, NULL, NULL, NULL FROM per_year
)
SELECT nconst, CAST(year AS INTEGER) AS year,
       CAST(coalesce(sum(films) OVER earlier, 0) AS INTEGER) AS film_count,
       CAST(coalesce(sum(tenths_sum) OVER earlier, 0) AS BIGINT) AS rating_tenths_sum,
       CAST(coalesce(sum(tenths_sq_sum) OVER earlier, 0) AS BIGINT) AS rating_tenths_sq_sum,
       CAST(max(tenths_max) OVER earlier AS INTEGER) AS rating_tenths_max,
       CAST(min(tenths_min) OVER earlier AS INTEGER) AS rating_tenths_min,
       CAST(coalesce(sum(log_votes_sum) OVER earlier, 0) AS BIGINT) AS log_votes_micro_sum,
       CAST(min(first_rated) OVER earlier AS INTEGER) AS first_year,
       CAST(max(last_rated) OVER earlier AS INTEGER) AS last_year
FROM with_open
WINDOW earlier AS (PARTITION BY nconst ORDER BY year ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
