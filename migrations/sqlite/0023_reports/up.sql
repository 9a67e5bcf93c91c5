-- Reports that somebody keeps under a name.
CREATE TABLE reports (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    owner_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    shared BOOLEAN NOT NULL,
    -- JSON: what people set
    data TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (owner_id, name)
);
CREATE INDEX reports_shared ON reports (shared, name);

-- The reports on somebody's start page.
CREATE TABLE report_pins (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    report_id TEXT NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, report_id)
);
CREATE INDEX report_pins_report ON report_pins (report_id);
