CREATE TABLE segmentation_runs (
    id TEXT PRIMARY KEY,
    -- names the run in the scores: a short key in millions of rows
    number BIGINT NOT NULL UNIQUE,
    version BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed')),
    failure TEXT,
    as_of INTEGER NOT NULL,
    -- JSON
    settings TEXT NOT NULL,
    -- when a process began to make it, and when that gave its last sign of life
    begun_at BIGINT,
    beat_at BIGINT,
    from_day INTEGER,
    customers BIGINT,
    purchases BIGINT,
    previous_id TEXT REFERENCES segmentation_runs (id) ON DELETE SET NULL,
    -- jobs are forgotten after a while
    job_id TEXT,
    by_id TEXT REFERENCES users (id),
    by_name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    duration_ms BIGINT,
    scores_kept BOOLEAN NOT NULL,
    -- JSON: figures over all customers, and the models
    results TEXT
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
    data TEXT NOT NULL
);

-- Written by the million and looked up by run and customer: no references that each row would have to look up.
CREATE TABLE segmentation_scores (
    run BIGINT NOT NULL,
    customer_id TEXT NOT NULL,
    rfm_segment TEXT,
    rfm_group TEXT,
    recency_score INTEGER,
    frequency_score INTEGER,
    monetary_score INTEGER,
    recency_days INTEGER,
    frequency INTEGER,
    monetary BIGINT,
    lifecycle_stage TEXT NOT NULL,
    stage_reason TEXT NOT NULL,
    -- ten-thousandths
    probability_active BIGINT,
    -- thousandths
    expected_purchases BIGINT,
    average_value BIGINT,
    lifetime_value BIGINT,
    value_method TEXT,
    -- ten-thousandths
    churn_risk BIGINT,
    churn_level TEXT,
    PRIMARY KEY (run, customer_id)
) WITHOUT ROWID;
CREATE INDEX segmentation_scores_value ON segmentation_scores (run, lifetime_value DESC, customer_id DESC);
