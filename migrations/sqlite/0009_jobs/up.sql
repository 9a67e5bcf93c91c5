-- Work that the server does by itself: queued, running and over.
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    kind TEXT NOT NULL,
    -- the due time of a schedule as kind@time, so that of several replicas one makes the job; empty for those that people start
    slot TEXT UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    -- not before
    run_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    -- attempts that failed since it was queued by its schedule or by somebody
    failures INTEGER NOT NULL,
    percent INTEGER,
    -- JSON
    result TEXT,
    error TEXT,
    -- whoever runs it renews this; a job whose time is up is taken over
    leased_until BIGINT,
    leased_by TEXT,
    by_id TEXT REFERENCES users (id),
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    updated_at BIGINT NOT NULL
);
-- One at a time of each kind.
CREATE UNIQUE INDEX jobs_kind_active ON jobs (kind) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_created ON jobs (created_at, id);
CREATE INDEX jobs_kind ON jobs (kind, created_at);

-- The attempts of a job.
CREATE TABLE job_runs (
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    worker TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    outcome TEXT CHECK (outcome IN ('done', 'failed', 'cancelled', 'interrupted', 'lost')),
    error TEXT,
    PRIMARY KEY (job_id, number)
);
