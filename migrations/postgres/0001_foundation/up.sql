-- Settings of the deployment: one row.
CREATE TABLE settings (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version BIGINT NOT NULL,
    data TEXT COLLATE "C" NOT NULL
);

-- Secrets that the program makes for itself, such as the key that signs access tokens.
CREATE TABLE secrets (
    name TEXT COLLATE "C" PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

CREATE TABLE departments (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    parent_id TEXT COLLATE "C" REFERENCES departments (id),
    -- '/' and the ids from the root down to this one, each followed by '/'
    path TEXT COLLATE "C" NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX departments_parent ON departments (parent_id);

CREATE TABLE roles (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    shipped TEXT COLLATE "C" UNIQUE,
    name_zh TEXT COLLATE "C" NOT NULL UNIQUE,
    name_en TEXT COLLATE "C" NOT NULL UNIQUE,
    -- JSON: [{module, operation, scope}]
    permissions TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE users (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    -- lower case
    email TEXT COLLATE "C" NOT NULL UNIQUE,
    password_hash TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('pending', 'active', 'frozen')),
    role_id TEXT COLLATE "C" REFERENCES roles (id),
    department_id TEXT COLLATE "C" REFERENCES departments (id),
    language TEXT COLLATE "C" CHECK (language IN ('zh', 'en')),
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
    id TEXT COLLATE "C" PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- SHA-256 of the newest refresh token, hexadecimal
    token_hash TEXT COLLATE "C" NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ip TEXT COLLATE "C" NOT NULL,
    user_agent TEXT COLLATE "C" NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

-- Tokens that were rotated: to meet one again means that it was stolen.
CREATE TABLE rotated_tokens (
    token_hash TEXT COLLATE "C" PRIMARY KEY,
    session_id TEXT COLLATE "C" NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    rotated_at BIGINT NOT NULL
);
CREATE INDEX rotated_tokens_session ON rotated_tokens (session_id);

CREATE TABLE dictionary_entries (
    id TEXT COLLATE "C" PRIMARY KEY,
    dictionary TEXT COLLATE "C" NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    label_zh TEXT COLLATE "C" NOT NULL,
    label_en TEXT COLLATE "C" NOT NULL,
    position INTEGER NOT NULL,
    active BOOLEAN NOT NULL,
    UNIQUE (dictionary, code)
);

-- Append only: nothing in the program changes or deletes a row.
CREATE TABLE audit_entries (
    id TEXT COLLATE "C" PRIMARY KEY,
    at BIGINT NOT NULL,
    user_id TEXT COLLATE "C",
    user_name TEXT COLLATE "C" NOT NULL,
    ip TEXT COLLATE "C" NOT NULL,
    request_id TEXT COLLATE "C" NOT NULL,
    record_type TEXT COLLATE "C" NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    -- JSON: {field: {old, new}}
    changes TEXT COLLATE "C" NOT NULL
);
CREATE INDEX audit_entries_record ON audit_entries (record_type, record_id, at);
CREATE INDEX audit_entries_at ON audit_entries (at, id);

-- What happened, for everybody who is to be told; written in the transaction of the change.
CREATE TABLE outbox_events (
    id TEXT COLLATE "C" PRIMARY KEY,
    at BIGINT NOT NULL,
    -- customers.created, orders.confirmed, …
    kind TEXT COLLATE "C" NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    -- JSON
    payload TEXT COLLATE "C" NOT NULL
);

-- Running numbers: sequences, so that no writer waits for another.
CREATE SEQUENCE customer_code_seq;
CREATE SEQUENCE order_number_seq;
CREATE SEQUENCE ticket_number_seq;
