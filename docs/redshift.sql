-- The lake's tables in Redshift: as external tables, and as tables that Redshift stores. `make docs` writes this file;
-- nobody has run the file's statements on Redshift yet.
-- Replace <role> with the ARN of an IAM role. Replace <databases> with the value of IMDB_AWS_PREFIX, with underscores
-- instead of hyphens, such as imdb_assets. Replace <name> with the prefix, account and region in the buckets' names.
-- Replace <publish> with the name of the folder that holds the files of the table's current snapshot: the last folder in
-- each file's address. On Athena, SELECT file_path FROM "<databases>_silver"."movies$files" lists the addresses of the
-- files of silver.movies.
-- From an external table, Redshift reads only the first 16,384 characters of a text; a text in a table that Redshift
-- stores can have 65,535 bytes.

CREATE EXTERNAL SCHEMA IF NOT EXISTS lake_bronze
FROM DATA CATALOG DATABASE '<databases>_bronze' IAM_ROLE '<role>';

CREATE EXTERNAL SCHEMA IF NOT EXISTS lake_silver
FROM DATA CATALOG DATABASE '<databases>_silver' IAM_ROLE '<role>';

CREATE EXTERNAL SCHEMA IF NOT EXISTS lake_gold
FROM DATA CATALOG DATABASE '<databases>_gold' IAM_ROLE '<role>';

CREATE EXTERNAL SCHEMA IF NOT EXISTS lake_models
FROM DATA CATALOG DATABASE '<databases>_models' IAM_ROLE '<role>';

CREATE SCHEMA IF NOT EXISTS silver;

CREATE SCHEMA IF NOT EXISTS gold;

CREATE SCHEMA IF NOT EXISTS models;

-- Every non-adult title of type movie with a year, genres and a runtime of 40-400 minutes.
CREATE TABLE silver.movies (
    "tconst" VARCHAR(16) NOT NULL,
    "primary_title" VARCHAR(65535),
    "original_title" VARCHAR(65535),
    "start_year" INTEGER NOT NULL,
    "decade" INTEGER NOT NULL,
    "runtime_minutes" INTEGER NOT NULL,
    "genres" SUPER NOT NULL,
    "average_rating" DOUBLE PRECISION,
    "num_votes" INTEGER,
    PRIMARY KEY ("tconst")
)
DISTSTYLE KEY DISTKEY ("tconst")
SORTKEY ("decade", "tconst");

COPY silver.movies
FROM 's3://<name>-processed/tables/silver/movies/data/<publish>/'
IAM_ROLE '<role>' FORMAT AS PARQUET SERIALIZETOJSON;

-- Who did what in the films of `silver.movies`: one row per film, person and role.
CREATE TABLE silver.credits (
    "tconst" VARCHAR(16) NOT NULL,
    "nconst" VARCHAR(16) NOT NULL,
    "role" VARCHAR(65535) NOT NULL,
    "billing_order" INTEGER,
    PRIMARY KEY ("tconst", "nconst", "role")
)
DISTSTYLE KEY DISTKEY ("tconst")
SORTKEY ("tconst");

COPY silver.credits
FROM 's3://<name>-processed/tables/silver/credits/data/<publish>/'
IAM_ROLE '<role>' FORMAT AS PARQUET SERIALIZETOJSON;

-- Regions, languages and localized titles of the films of `silver.movies`: one row per film and localized title.
CREATE TABLE silver.releases (
    "tconst" VARCHAR(16) NOT NULL,
    "ordering" INTEGER NOT NULL,
    "title" VARCHAR(65535),
    "region" VARCHAR(65535),
    "language" VARCHAR(65535),
    "types" SUPER,
    "is_original_title" BOOLEAN NOT NULL,
    PRIMARY KEY ("tconst", "ordering")
)
DISTSTYLE KEY DISTKEY ("tconst")
SORTKEY ("tconst");

COPY silver.releases
FROM 's3://<name>-processed/tables/silver/releases/data/<publish>/'
IAM_ROLE '<role>' FORMAT AS PARQUET SERIALIZETOJSON;

-- The people in `silver.credits`: one row per person.
CREATE TABLE silver.people (
    "nconst" VARCHAR(16) NOT NULL,
    "name" VARCHAR(65535),
    "birth_year" INTEGER,
    "death_year" INTEGER,
    "professions" SUPER,
    "known_for" SUPER,
    PRIMARY KEY ("nconst")
)
DISTSTYLE KEY DISTKEY ("nconst")
SORTKEY ("nconst");

COPY silver.people
FROM 's3://<name>-processed/tables/silver/people/data/<publish>/'
IAM_ROLE '<role>' FORMAT AS PARQUET SERIALIZETOJSON;

-- Every non-adult title of type tvSeries or tvMiniSeries.
CREATE TABLE silver.series (
    "tconst" VARCHAR(16) NOT NULL,
    "kind" VARCHAR(65535) NOT NULL,
    "primary_title" VARCHAR(65535),
    "original_title" VARCHAR(65535),
    "start_year" INTEGER,
    "end_year" INTEGER,
    "runtime_minutes" INTEGER,
    "genres" SUPER,
    "average_rating" DOUBLE PRECISION,
    "num_votes" INTEGER,
    PRIMARY KEY ("tconst")
)
DISTSTYLE KEY DISTKEY ("tconst")
SORTKEY ("start_year", "tconst");

COPY silver.series
FROM 's3://<name>-processed/tables/silver/series/data/<publish>/'
IAM_ROLE '<role>' FORMAT AS PARQUET SERIALIZETOJSON;

-- Every non-adult title that `title.episode` places in a series.
CREATE TABLE silver.episodes (
    "tconst" VARCHAR(16) NOT NULL,
    "series_tconst" VARCHAR(65535) NOT NULL,
    "season_number" INTEGER,
    "episode_number" INTEGER,
    "primary_title" VARCHAR(65535),
    "start_year" INTEGER,
    "average_rating" DOUBLE PRECISION,
    "num_votes" INTEGER,
    PRIMARY KEY ("tconst")
)
DISTSTYLE KEY DISTKEY ("tconst")
SORTKEY ("start_year", "tconst");

COPY silver.episodes
FROM 's3://<name>-processed/tables/silver/episodes/data/<publish>/'
IAM_ROLE '<role>' FORMAT AS PARQUET SERIALIZETOJSON;

-- How ratings moved: one row per title and day on which the title's rating or number of votes changed.
CREATE TABLE silver.rating_history (
    "tconst" VARCHAR(16) NOT NULL,
    "valid_from" DATE NOT NULL,
    "average_rating" DOUBLE PRECISION,
    "num_votes" INTEGER,
    "rating_change" DOUBLE PRECISION,
    "votes_change" INTEGER,
    PRIMARY KEY ("tconst", "valid_from")
)
DISTSTYLE KEY DISTKEY ("tconst")
SORTKEY ("tconst");

INSERT INTO silver.rating_history SELECT * FROM lake_silver.rating_history;

-- Ratings of directors' earlier films.
CREATE TABLE gold.director_reputation (
    "nconst" VARCHAR(16) NOT NULL,
    "year" INTEGER NOT NULL,
    "film_count" INTEGER NOT NULL,
    "rating_tenths_sum" BIGINT NOT NULL,
    "rating_tenths_sq_sum" BIGINT NOT NULL,
    "rating_tenths_max" INTEGER,
    "rating_tenths_min" INTEGER,
    "log_votes_micro_sum" BIGINT NOT NULL,
    "first_year" INTEGER,
    "last_year" INTEGER,
    PRIMARY KEY ("nconst", "year")
)
DISTSTYLE KEY DISTKEY ("nconst")
SORTKEY ("year", "nconst");

COPY gold.director_reputation
FROM 's3://<name>-processed/tables/gold/director_reputation/data/<publish>/'
IAM_ROLE '<role>' FORMAT AS PARQUET SERIALIZETOJSON;

-- Ratings of the earlier films of writers and cast.
CREATE TABLE gold.person_reputation (
    "nconst" VARCHAR(16) NOT NULL,
    "year" INTEGER NOT NULL,
    "film_count" INTEGER NOT NULL,
    "rating_tenths_sum" BIGINT NOT NULL,
    "rating_tenths_sq_sum" BIGINT NOT NULL,
    "rating_tenths_max" INTEGER,
    "rating_tenths_min" INTEGER,
    "log_votes_micro_sum" BIGINT NOT NULL,
    "first_year" INTEGER,
    "last_year" INTEGER,
    "role" VARCHAR(65535) NOT NULL,
    PRIMARY KEY ("nconst", "year", "role")
)
DISTSTYLE KEY DISTKEY ("nconst")
SORTKEY ("year", "nconst");

COPY gold.person_reputation
FROM 's3://<name>-processed/tables/gold/person_reputation/data/<publish>/'
IAM_ROLE '<role>' FORMAT AS PARQUET SERIALIZETOJSON;

-- Coefficients that give a film's expected rating: a ridge regression per year, fitted on films of earlier years.
CREATE TABLE gold.expectation_coefficients (
    "year" INTEGER NOT NULL,
    "target" VARCHAR(65535) NOT NULL,
    "term" VARCHAR(65535) NOT NULL,
    "coefficient_micro" BIGINT NOT NULL,
    PRIMARY KEY ("year", "target", "term")
)
DISTSTYLE ALL
SORTKEY ("year");

COPY gold.expectation_coefficients
FROM 's3://<name>-processed/tables/gold/expectation_coefficients/data/<publish>/'
IAM_ROLE '<role>' FORMAT AS PARQUET SERIALIZETOJSON;

-- Each film's expected rating and residuals. Expectations come from the film's facts and films of earlier years.
CREATE TABLE gold.rating_expectation (
    "tconst" VARCHAR(16) NOT NULL,
    "e0" DOUBLE PRECISION NOT NULL,
    "e1" DOUBLE PRECISION,
    "expected_log_votes" DOUBLE PRECISION NOT NULL,
    "residual0_micro" BIGINT,
    "residual1_micro" BIGINT,
    "votes_residual_micro" BIGINT,
    PRIMARY KEY ("tconst")
)
DISTSTYLE KEY DISTKEY ("tconst")
SORTKEY ("tconst");

COPY gold.rating_expectation
FROM 's3://<name>-processed/tables/gold/rating_expectation/data/<publish>/'
IAM_ROLE '<role>' FORMAT AS PARQUET SERIALIZETOJSON;

-- The amount by which a person's earlier films were rated above expectation; recent films weigh most.
CREATE TABLE gold.residual_reputation (
    "nconst" VARCHAR(16) NOT NULL,
    "role" VARCHAR(65535) NOT NULL,
    "year" INTEGER NOT NULL,
    "film_count" INTEGER NOT NULL,
    "weight_sum" BIGINT NOT NULL,
    "residual0_sum" BIGINT NOT NULL,
    "residual1_sum" BIGINT NOT NULL,
    "votes_residual_sum" BIGINT NOT NULL,
    PRIMARY KEY ("nconst", "role", "year")
)
DISTSTYLE KEY DISTKEY ("nconst")
SORTKEY ("year", "nconst");

COPY gold.residual_reputation
FROM 's3://<name>-processed/tables/gold/residual_reputation/data/<publish>/'
IAM_ROLE '<role>' FORMAT AS PARQUET SERIALIZETOJSON;

-- The amount by which past films with a given word in their original title were rated above expectation.
CREATE TABLE gold.title_word_reputation (
    "word" VARCHAR(65535) NOT NULL,
    "year" INTEGER NOT NULL,
    "weight_sum" BIGINT NOT NULL,
    "residual0_sum" BIGINT NOT NULL,
    "residual1_sum" BIGINT NOT NULL,
    PRIMARY KEY ("word", "year")
)
DISTSTYLE ALL
SORTKEY ("year");

COPY gold.title_word_reputation
FROM 's3://<name>-processed/tables/gold/title_word_reputation/data/<publish>/'
IAM_ROLE '<role>' FORMAT AS PARQUET SERIALIZETOJSON;

-- The features of all iterations of the model: one row per film of `silver.movies`.
CREATE TABLE gold.movie_features (
    "tconst" VARCHAR(16) NOT NULL,
    "average_rating" DOUBLE PRECISION,
    "start_year" INTEGER NOT NULL,
    "decade" INTEGER NOT NULL,
    "runtime_minutes" INTEGER NOT NULL,
    "genre_count" INTEGER,
    "title_length" INTEGER,
    "title_word_count" INTEGER,
    "genre_action" INTEGER NOT NULL,
    "genre_adventure" INTEGER NOT NULL,
    "genre_animation" INTEGER NOT NULL,
    "genre_biography" INTEGER NOT NULL,
    "genre_comedy" INTEGER NOT NULL,
    "genre_crime" INTEGER NOT NULL,
    "genre_documentary" INTEGER NOT NULL,
    "genre_drama" INTEGER NOT NULL,
    "genre_family" INTEGER NOT NULL,
    "genre_fantasy" INTEGER NOT NULL,
    "genre_film_noir" INTEGER NOT NULL,
    "genre_history" INTEGER NOT NULL,
    "genre_horror" INTEGER NOT NULL,
    "genre_music" INTEGER NOT NULL,
    "genre_musical" INTEGER NOT NULL,
    "genre_mystery" INTEGER NOT NULL,
    "genre_romance" INTEGER NOT NULL,
    "genre_sci_fi" INTEGER NOT NULL,
    "genre_sport" INTEGER NOT NULL,
    "genre_thriller" INTEGER NOT NULL,
    "genre_war" INTEGER NOT NULL,
    "genre_western" INTEGER NOT NULL,
    "runtime_x_drama" INTEGER,
    "runtime_x_documentary" INTEGER,
    "runtime_x_genre_count" INTEGER,
    "year_x_horror" INTEGER,
    "year_x_documentary" INTEGER,
    "drama_x_comedy" INTEGER,
    "num_votes" INTEGER,
    "log_votes" DOUBLE PRECISION,
    "log_votes_x_runtime" DOUBLE PRECISION,
    "director_career_film_count" INTEGER,
    "director_career_mean_rating" DOUBLE PRECISION,
    "director_career_max_rating" DOUBLE PRECISION,
    "director_career_min_rating" DOUBLE PRECISION,
    "director_career_rating_std" DOUBLE PRECISION,
    "director_career_mean_log_votes" DOUBLE PRECISION,
    "director_film_count" INTEGER,
    "director_mean_rating" DOUBLE PRECISION,
    "director_max_rating" DOUBLE PRECISION,
    "director_min_rating" DOUBLE PRECISION,
    "director_rating_std" DOUBLE PRECISION,
    "director_mean_log_votes" DOUBLE PRECISION,
    "director_shrunk_rating" DOUBLE PRECISION,
    "director_career_years" INTEGER,
    "director_gap_years" INTEGER,
    "writer_film_count" INTEGER,
    "writer_mean_rating" DOUBLE PRECISION,
    "writer_shrunk_rating" DOUBLE PRECISION,
    "writer_max_rating" DOUBLE PRECISION,
    "writer_mean_log_votes" DOUBLE PRECISION,
    "cast_film_count" INTEGER,
    "cast_mean_rating" DOUBLE PRECISION,
    "cast_shrunk_rating" DOUBLE PRECISION,
    "cast_max_rating" DOUBLE PRECISION,
    "cast_min_rating" DOUBLE PRECISION,
    "cast_mean_log_votes" DOUBLE PRECISION,
    "original_title_differs" INTEGER,
    "title_has_digit" INTEGER,
    "title_non_ascii" INTEGER,
    "director_count" INTEGER,
    "writer_count" INTEGER,
    "writer_is_director" INTEGER,
    "expected_rating" DOUBLE PRECISION,
    "expected_log_votes" DOUBLE PRECISION,
    "expected_rating_with_votes" DOUBLE PRECISION,
    "team_recent_films" DOUBLE PRECISION,
    "team_residual" DOUBLE PRECISION,
    "team_residual_with_votes" DOUBLE PRECISION,
    "team_votes_residual" DOUBLE PRECISION,
    "director_recent_films" DOUBLE PRECISION,
    "director_residual" DOUBLE PRECISION,
    "director_residual_with_votes" DOUBLE PRECISION,
    "director_votes_residual" DOUBLE PRECISION,
    "writer_recent_films" DOUBLE PRECISION,
    "writer_residual" DOUBLE PRECISION,
    "writer_residual_with_votes" DOUBLE PRECISION,
    "writer_votes_residual" DOUBLE PRECISION,
    "cast_recent_films" DOUBLE PRECISION,
    "cast_residual" DOUBLE PRECISION,
    "cast_residual_with_votes" DOUBLE PRECISION,
    "cast_votes_residual" DOUBLE PRECISION,
    "title_residual" DOUBLE PRECISION,
    "title_residual_with_votes" DOUBLE PRECISION,
    PRIMARY KEY ("tconst")
)
DISTSTYLE KEY DISTKEY ("tconst")
SORTKEY ("decade", "tconst");

COPY gold.movie_features
FROM 's3://<name>-features/tables/gold/movie_features/data/<publish>/'
IAM_ROLE '<role>' FORMAT AS PARQUET SERIALIZETOJSON;

-- Whether a film's features depend on ratings or votes from the same or later years, or on later films.
CREATE TABLE models.leak_check (
    "feature" VARCHAR(65535) NOT NULL,
    "group" VARCHAR(65535) NOT NULL,
    "regime" VARCHAR(65535) NOT NULL,
    "films" BIGINT NOT NULL,
    "changed_by_ratings" BIGINT NOT NULL,
    "changed_by_votes" BIGINT NOT NULL,
    "own_rating_films" BIGINT NOT NULL,
    "changed_by_own_rating" BIGINT NOT NULL,
    "leaks" BOOLEAN NOT NULL,
    PRIMARY KEY ("feature")
)
DISTSTYLE ALL
SORTKEY ("feature");

COPY models.leak_check
FROM 's3://<name>-features/tables/models/leak_check/data/<publish>/'
IAM_ROLE '<role>' FORMAT AS PARQUET SERIALIZETOJSON;

-- All versions of the model, scored in the same way: one row per iteration, split and test population.
CREATE TABLE models.iterations (
    "iteration" VARCHAR(65535) NOT NULL,
    "split" VARCHAR(65535) NOT NULL,
    "population" VARCHAR(65535) NOT NULL,
    "description" VARCHAR(65535) NOT NULL,
    "regime" VARCHAR(65535) NOT NULL,
    "trained_on" VARCHAR(65535) NOT NULL,
    "leaking_features" INTEGER NOT NULL,
    "feature_count" INTEGER NOT NULL,
    "train_rows" BIGINT NOT NULL,
    "test_rows" BIGINT NOT NULL,
    "r2" DOUBLE PRECISION NOT NULL,
    "r2_lower" DOUBLE PRECISION NOT NULL,
    "r2_upper" DOUBLE PRECISION NOT NULL,
    "rmse" DOUBLE PRECISION NOT NULL,
    "mae" DOUBLE PRECISION NOT NULL,
    "bias" DOUBLE PRECISION NOT NULL,
    "trees" INTEGER NOT NULL,
    "seconds" DOUBLE PRECISION NOT NULL,
    PRIMARY KEY ("iteration", "split", "population")
)
DISTSTYLE ALL
SORTKEY ("iteration");

COPY models.iterations
FROM 's3://<name>-features/tables/models/iterations/data/<publish>/'
IAM_ROLE '<role>' FORMAT AS PARQUET SERIALIZETOJSON;

-- Scores of the champions by the full test protocol: three populations, three splits, and many slices.
CREATE TABLE models.champion_scores (
    "regime" VARCHAR(65535) NOT NULL,
    "split" VARCHAR(65535) NOT NULL,
    "population" VARCHAR(65535) NOT NULL,
    "maturity" VARCHAR(65535) NOT NULL,
    "breakdown" VARCHAR(65535) NOT NULL,
    "slice" VARCHAR(65535) NOT NULL,
    "iteration" VARCHAR(65535) NOT NULL,
    "test_rows" BIGINT NOT NULL,
    "r2" DOUBLE PRECISION NOT NULL,
    "r2_lower" DOUBLE PRECISION NOT NULL,
    "r2_upper" DOUBLE PRECISION NOT NULL,
    "rmse" DOUBLE PRECISION NOT NULL,
    "rmse_lower" DOUBLE PRECISION NOT NULL,
    "rmse_upper" DOUBLE PRECISION NOT NULL,
    "mae" DOUBLE PRECISION NOT NULL,
    "mae_lower" DOUBLE PRECISION NOT NULL,
    "mae_upper" DOUBLE PRECISION NOT NULL,
    "bias" DOUBLE PRECISION NOT NULL,
    "bias_lower" DOUBLE PRECISION NOT NULL,
    "bias_upper" DOUBLE PRECISION NOT NULL,
    "ceiling" DOUBLE PRECISION NOT NULL,
    "coverage" DOUBLE PRECISION,
    PRIMARY KEY ("regime", "split", "population", "maturity", "breakdown", "slice")
)
DISTSTYLE ALL
SORTKEY ("regime");

COPY models.champion_scores
FROM 's3://<name>-features/tables/models/champion_scores/data/<publish>/'
IAM_ROLE '<role>' FORMAT AS PARQUET SERIALIZETOJSON;

-- The audit of model versions for leaks: one row per audited version and test.
CREATE TABLE models.audit (
    "iteration" VARCHAR(65535) NOT NULL,
    "test" VARCHAR(65535) NOT NULL,
    "regime" VARCHAR(65535) NOT NULL,
    "value" DOUBLE PRECISION NOT NULL,
    "limit" DOUBLE PRECISION NOT NULL,
    "passed" BOOLEAN NOT NULL,
    "words" VARCHAR(65535) NOT NULL,
    PRIMARY KEY ("iteration", "test")
)
DISTSTYLE ALL
SORTKEY ("iteration");

COPY models.audit
FROM 's3://<name>-features/tables/models/audit/data/<publish>/'
IAM_ROLE '<role>' FORMAT AS PARQUET SERIALIZETOJSON;

-- The champions' predictions for all films, with 90 % intervals. No prediction uses the film's own rating.
CREATE TABLE models.predictions (
    "tconst" VARCHAR(16) NOT NULL,
    "regime" VARCHAR(65535) NOT NULL,
    "split" VARCHAR(65535) NOT NULL,
    "iteration" VARCHAR(65535) NOT NULL,
    "actual" DOUBLE PRECISION,
    "predicted" DOUBLE PRECISION NOT NULL,
    "lower" DOUBLE PRECISION NOT NULL,
    "upper" DOUBLE PRECISION NOT NULL,
    "model_version" VARCHAR(65535) NOT NULL,
    "snapshot_id" BIGINT NOT NULL,
    PRIMARY KEY ("tconst", "regime", "split")
)
DISTSTYLE KEY DISTKEY ("tconst")
SORTKEY ("tconst");

COPY models.predictions
FROM 's3://<name>-features/tables/models/predictions/data/<publish>/'
IAM_ROLE '<role>' FORMAT AS PARQUET SERIALIZETOJSON;

-- How accurate predictions were, for films that had no rating when they were predicted and have a rating now.
CREATE TABLE models.live_accuracy (
    "tconst" VARCHAR(16) NOT NULL,
    "regime" VARCHAR(65535) NOT NULL,
    "iteration" VARCHAR(65535) NOT NULL,
    "model_version" VARCHAR(65535) NOT NULL,
    "predictions_snapshot_id" BIGINT NOT NULL,
    "predicted_at" VARCHAR(65535) NOT NULL,
    "arrived_on" VARCHAR(65535) NOT NULL,
    "num_votes" BIGINT NOT NULL,
    "predicted" DOUBLE PRECISION NOT NULL,
    "actual" DOUBLE PRECISION NOT NULL,
    "error" DOUBLE PRECISION NOT NULL,
    "inside" BOOLEAN NOT NULL,
    PRIMARY KEY ("tconst")
)
DISTSTYLE KEY DISTKEY ("tconst")
SORTKEY ("tconst");

COPY models.live_accuracy
FROM 's3://<name>-features/tables/models/live_accuracy/data/<publish>/'
IAM_ROLE '<role>' FORMAT AS PARQUET SERIALIZETOJSON;
