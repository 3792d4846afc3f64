WITH films AS (
    SELECT tconst, start_year AS year,
           CAST(floor(average_rating * 10 + 0.5D) AS BIGINT) AS tenths,
           CAST(floor(ln(num_votes) * 1e6D + 0.5D) AS BIGINT) AS log_votes_micro
    FROM {silver_movies}
),
directed AS (
    SELECT DISTINCT tconst, nconst, year, tenths, log_votes_micro
    FROM (
        SELECT /*+ BROADCAST(films) */ tconst, explode(directors) AS nconst, year, tenths, log_votes_micro
        FROM {bronze_title_crew} JOIN films USING (tconst)
    )
    WHERE nconst RLIKE '^nm[0-9]{{7,8}}$'
),
per_year AS (
    SELECT nconst, year, count(tenths) AS films, sum(tenths) AS tenths_sum, sum(tenths * tenths) AS tenths_sq_sum,
           sum(log_votes_micro) AS log_votes_sum, max(tenths) AS tenths_max, min(tenths) AS tenths_min,
           min(year) FILTER (WHERE tenths IS NOT NULL) AS first_rated,
           max(year) FILTER (WHERE tenths IS NOT NULL) AS last_rated
    FROM directed
    GROUP BY nconst, year
),
with_open AS (
    SELECT * FROM per_year
    UNION ALL
    SELECT DISTINCT nconst, 9999, 0, 0, 0, 0, NULL, NULL, NULL, NULL FROM per_year
)
SELECT nconst, CAST(year AS INT) AS year,
       CAST(coalesce(sum(films) OVER earlier, 0) AS INT) AS film_count,
       coalesce(sum(tenths_sum) OVER earlier, 0L) AS rating_tenths_sum,
       coalesce(sum(tenths_sq_sum) OVER earlier, 0L) AS rating_tenths_sq_sum,
       CAST(max(tenths_max) OVER earlier AS INT) AS rating_tenths_max,
       CAST(min(tenths_min) OVER earlier AS INT) AS rating_tenths_min,
       coalesce(sum(log_votes_sum) OVER earlier, 0L) AS log_votes_micro_sum,
       CAST(min(first_rated) OVER earlier AS INT) AS first_year,
       CAST(max(last_rated) OVER earlier AS INT) AS last_year
FROM with_open
WINDOW earlier AS (PARTITION BY nconst ORDER BY year ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
