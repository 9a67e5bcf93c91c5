-- Work that the server does by itself: queued, running and over.
CREATE TABLE jobs (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    -- the due time of a schedule as kind@time, so that of several replicas one makes the job; empty for those that people start
    slot TEXT COLLATE "C" UNIQUE,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    -- not before
    run_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    -- attempts that failed since it was queued by its schedule or by somebody
    failures INTEGER NOT NULL,
    percent INTEGER,
    -- JSON
    result TEXT COLLATE "C",
    error TEXT COLLATE "C",
    -- whoever runs it renews this; a job whose time is up is taken over
    leased_until BIGINT,
    leased_by TEXT COLLATE "C",
    by_id TEXT COLLATE "C" REFERENCES users (id),
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
    job_id TEXT COLLATE "C" NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    worker TEXT COLLATE "C" NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    outcome TEXT COLLATE "C" CHECK (outcome IN ('done', 'failed', 'cancelled', 'interrupted', 'lost')),
    error TEXT COLLATE "C",
    PRIMARY KEY (job_id, number)
);
