-- Requests that carry an Idempotency-Key, and their answers.
CREATE TABLE idempotency_keys (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    -- SHA-256 of method, address and body, hexadecimal
    request_hash TEXT NOT NULL,
    -- of the attempt that works on it
    token TEXT NOT NULL,
    -- running: nothing has been changed yet; committed: something has; done: the answer is known
    state TEXT NOT NULL CHECK (state IN ('running', 'committed', 'done')),
    status INTEGER,
    -- JSON: {name: value}
    headers TEXT,
    body TEXT,
    created_at BIGINT NOT NULL,
    claimed_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, key),
    CHECK (state <> 'done' OR status IS NOT NULL)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);
