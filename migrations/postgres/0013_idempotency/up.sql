-- Requests that carry an Idempotency-Key, and their answers.
CREATE TABLE idempotency_keys (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key TEXT COLLATE "C" NOT NULL,
    -- SHA-256 of method, address and body, hexadecimal
    request_hash TEXT COLLATE "C" NOT NULL,
    -- of the attempt that works on it
    token TEXT COLLATE "C" NOT NULL,
    -- running: nothing has been changed yet; committed: something has; done: the answer is known
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('running', 'committed', 'done')),
    status INTEGER,
    -- JSON: {name: value}
    headers TEXT COLLATE "C",
    body TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    claimed_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, key),
    CHECK (state <> 'done' OR status IS NOT NULL)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);
