-- Keys by which other programs act in somebody's name.
CREATE TABLE api_keys (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_by TEXT COLLATE "C",
    -- the first characters, to tell it from others
    prefix TEXT COLLATE "C" NOT NULL,
    -- SHA-256 of the key, hexadecimal
    key_hash TEXT COLLATE "C" NOT NULL UNIQUE,
    -- JSON: [{module, operation}]
    permissions TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    last_used_at BIGINT,
    last_used_ip TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (user_id, name)
);
