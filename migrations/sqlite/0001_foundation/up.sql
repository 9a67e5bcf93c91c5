-- Settings of the deployment: one row.
CREATE TABLE settings (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version BIGINT NOT NULL,
    data TEXT NOT NULL
);

-- Secrets that the program makes for itself, such as the key that signs access tokens.
CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE departments (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    parent_id TEXT REFERENCES departments (id),
    -- '/' and the ids from the root down to this one, each followed by '/'
    path TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX departments_parent ON departments (parent_id);

CREATE TABLE roles (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    shipped TEXT UNIQUE,
    name_zh TEXT NOT NULL UNIQUE,
    name_en TEXT NOT NULL UNIQUE,
    -- JSON: [{module, operation, scope}]
    permissions TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    -- lower case
    email TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'frozen')),
    role_id TEXT REFERENCES roles (id),
    department_id TEXT REFERENCES departments (id),
    language TEXT CHECK (language IN ('zh', 'en')),
    last_login_at BIGINT,
    failed_logins INTEGER NOT NULL DEFAULT 0,
    locked_until BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CHECK (state = 'pending' OR (role_id IS NOT NULL AND department_id IS NOT NULL))
);
CREATE INDEX users_role ON users (role_id);
CREATE INDEX users_department ON users (department_id);

-- A log-in: a family of refresh tokens, of which the newest alone is good.
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- SHA-256 of the newest refresh token, hexadecimal
    token_hash TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ip TEXT NOT NULL,
    user_agent TEXT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

-- Tokens that were rotated: to meet one again means that it was stolen.
CREATE TABLE rotated_tokens (
    token_hash TEXT PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    rotated_at BIGINT NOT NULL
);
CREATE INDEX rotated_tokens_session ON rotated_tokens (session_id);

CREATE TABLE dictionary_entries (
    id TEXT PRIMARY KEY,
    dictionary TEXT NOT NULL,
    code TEXT NOT NULL,
    label_zh TEXT NOT NULL,
    label_en TEXT NOT NULL,
    position INTEGER NOT NULL,
    active BOOLEAN NOT NULL,
    UNIQUE (dictionary, code)
);

-- Append only: nothing in the program changes or deletes a row.
CREATE TABLE audit_entries (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    user_id TEXT,
    user_name TEXT NOT NULL,
    ip TEXT NOT NULL,
    request_id TEXT NOT NULL,
    record_type TEXT NOT NULL,
    record_id TEXT NOT NULL,
    action TEXT NOT NULL,
    -- JSON: {field: {old, new}}
    changes TEXT NOT NULL
);
CREATE INDEX audit_entries_record ON audit_entries (record_type, record_id, at);
CREATE INDEX audit_entries_at ON audit_entries (at, id);

-- What happened, for everybody who is to be told; written in the transaction of the change.
CREATE TABLE outbox_events (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    -- customers.created, orders.confirmed, …
    kind TEXT NOT NULL,
    record_id TEXT NOT NULL,
    -- JSON
    payload TEXT NOT NULL
);

-- Running numbers.
CREATE TABLE sequences (
    name TEXT PRIMARY KEY,
    next BIGINT NOT NULL
);
INSERT INTO sequences (name, next) VALUES ('customer_code', 1), ('order_number', 1), ('ticket_number', 1);
