CREATE TABLE value_runs (
    id TEXT PRIMARY KEY,
    previous_id TEXT REFERENCES value_runs (id) ON DELETE SET NULL,
    customers BIGINT NOT NULL,
    total BIGINT NOT NULL,
    by_id TEXT REFERENCES users (id),
    by_name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    -- JSON: the run as it is answered
    data TEXT NOT NULL
);
CREATE INDEX value_runs_created ON value_runs (created_at, id);

CREATE TABLE value_ranks (
    run_id TEXT NOT NULL REFERENCES value_runs (id) ON DELETE CASCADE,
    rank BIGINT NOT NULL,
    customer_id TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    class TEXT NOT NULL CHECK (class IN ('a', 'b', 'c')),
    level TEXT NOT NULL CHECK (level IN ('top', 'middle', 'base')),
    amount BIGINT NOT NULL,
    cumulative_share DOUBLE PRECISION NOT NULL,
    previous_class TEXT,
    PRIMARY KEY (run_id, rank)
) WITHOUT ROWID;
CREATE INDEX value_ranks_customer ON value_ranks (customer_id, run_id);
