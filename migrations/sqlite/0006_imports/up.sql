CREATE TABLE imports (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    record TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('uploaded', 'queued', 'running', 'done', 'cancelled', 'failed')),
    filename TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    encoding TEXT NOT NULL,
    -- JSON
    headers TEXT NOT NULL,
    samples TEXT NOT NULL,
    mapping TEXT NOT NULL,
    settings TEXT NOT NULL,
    -- rows read, imported and rejected by the last committed step: a restart goes on from here
    read BIGINT NOT NULL,
    imported BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    -- JSON: [{reason, rows}]
    reasons TEXT NOT NULL,
    percent INTEGER NOT NULL,
    failure TEXT,
    by_id TEXT REFERENCES users (id),
    by_name TEXT NOT NULL,
    department_id TEXT REFERENCES departments (id),
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    updated_at BIGINT NOT NULL
);
CREATE INDEX imports_created ON imports (created_at, id);

-- The rows that were not taken, as they stood in the file, with the reason.
CREATE TABLE import_rejects (
    import_id TEXT NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    row_number BIGINT NOT NULL,
    reason TEXT NOT NULL,
    -- JSON: the row's cells
    cells TEXT NOT NULL,
    -- the import and row that it was first rejected by; itself, unless the file is a corrected one
    origin_import_id TEXT NOT NULL,
    origin_row BIGINT NOT NULL,
    PRIMARY KEY (import_id, row_number)
);
