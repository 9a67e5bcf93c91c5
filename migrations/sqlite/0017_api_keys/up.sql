-- Keys by which other programs act in somebody's name.
CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_by TEXT,
    -- the first characters, to tell it from others
    prefix TEXT NOT NULL,
    -- SHA-256 of the key, hexadecimal
    key_hash TEXT NOT NULL UNIQUE,
    -- JSON: [{module, operation}]
    permissions TEXT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    last_used_at BIGINT,
    last_used_ip TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (user_id, name)
);
