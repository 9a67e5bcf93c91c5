-- Records that somebody may see, or also change, beyond their scope.
CREATE TABLE shares (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    record_type TEXT NOT NULL CHECK (record_type IN ('customers', 'orders', 'tickets')),
    record_id TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('read', 'write')),
    by_id TEXT REFERENCES users (id),
    at BIGINT NOT NULL,
    -- the last day; none: until it is taken back
    until INTEGER,
    -- in this order it is asked for whenever somebody looks at a list
    PRIMARY KEY (user_id, record_type, record_id)
);
CREATE INDEX shares_record ON shares (record_type, record_id);
CREATE INDEX shares_until ON shares (until) WHERE until IS NOT NULL;
