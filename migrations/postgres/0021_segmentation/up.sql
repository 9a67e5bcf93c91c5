CREATE TABLE segmentation_runs (
    id TEXT COLLATE "C" PRIMARY KEY,
    -- names the run in the scores: a short key in millions of rows
    number BIGINT NOT NULL UNIQUE,
    version BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('running', 'done', 'failed')),
    failure TEXT COLLATE "C",
    as_of INTEGER NOT NULL,
    -- JSON
    settings TEXT COLLATE "C" NOT NULL,
    -- when a process began to make it, and when that gave its last sign of life
    begun_at BIGINT,
    beat_at BIGINT,
    from_day INTEGER,
    customers BIGINT,
    purchases BIGINT,
    previous_id TEXT COLLATE "C" REFERENCES segmentation_runs (id) ON DELETE SET NULL,
    -- jobs are forgotten after a while
    job_id TEXT COLLATE "C",
    by_id TEXT COLLATE "C" REFERENCES users (id),
    by_name TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    duration_ms BIGINT,
    scores_kept BOOLEAN NOT NULL,
    -- JSON: figures over all customers, and the models
    results TEXT COLLATE "C"
);
CREATE INDEX segmentation_runs_created ON segmentation_runs (created_at, id);
CREATE INDEX segmentation_runs_job ON segmentation_runs (job_id);
-- One at a time.
CREATE UNIQUE INDEX segmentation_runs_running ON segmentation_runs (state) WHERE state = 'running';

-- The run whose scores are the current ones: what publishes a run is one small write here.
CREATE TABLE segmentation_current (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    run BIGINT NOT NULL REFERENCES segmentation_runs (number)
);

CREATE TABLE segmentation_settings (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version BIGINT NOT NULL,
    -- JSON
    data TEXT COLLATE "C" NOT NULL
);

-- Written by the million and looked up by run and customer: no references that each row would have to look up.
CREATE TABLE segmentation_scores (
    run BIGINT NOT NULL,
    customer_id TEXT COLLATE "C" NOT NULL,
    rfm_segment TEXT COLLATE "C",
    rfm_group TEXT COLLATE "C",
    recency_score INTEGER,
    frequency_score INTEGER,
    monetary_score INTEGER,
    recency_days INTEGER,
    frequency INTEGER,
    monetary BIGINT,
    lifecycle_stage TEXT COLLATE "C" NOT NULL,
    stage_reason TEXT COLLATE "C" NOT NULL,
    -- ten-thousandths
    probability_active BIGINT,
    -- thousandths
    expected_purchases BIGINT,
    average_value BIGINT,
    lifetime_value BIGINT,
    value_method TEXT COLLATE "C",
    -- ten-thousandths
    churn_risk BIGINT,
    churn_level TEXT COLLATE "C",
    PRIMARY KEY (run, customer_id)
);
CREATE INDEX segmentation_scores_value ON segmentation_scores (run, lifetime_value DESC NULLS LAST, customer_id DESC);
