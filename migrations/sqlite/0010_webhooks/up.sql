-- The outbox becomes a log that is read from a place on: one writer, so the order of the rows is that of the commits.
CREATE TABLE outbox_log (
    seq INTEGER PRIMARY KEY,
    -- PostgreSQL's; always 0 here
    txid BIGINT NOT NULL DEFAULT 0,
    id TEXT NOT NULL,
    at BIGINT NOT NULL,
    -- customers.created, orders.confirmed, …
    kind TEXT NOT NULL,
    record_id TEXT NOT NULL,
    user_id TEXT,
    -- JSON
    payload TEXT NOT NULL
);
INSERT INTO outbox_log (id, at, kind, record_id, payload) SELECT id, at, kind, record_id, payload FROM outbox_events ORDER BY at, id;
DROP TABLE outbox_events;
ALTER TABLE outbox_log RENAME TO outbox_events;

-- How far readers of the outbox have come.
CREATE TABLE event_cursors (
    name TEXT PRIMARY KEY,
    txid BIGINT NOT NULL,
    seq BIGINT NOT NULL
);
INSERT INTO event_cursors (name, txid, seq) VALUES ('webhooks', 0, 0);

CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    -- JSON: ["customers.*"]
    events TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    secret TEXT NOT NULL,
    -- good until the rotation ends
    previous_secret TEXT,
    rotation_ends_at BIGINT,
    owner_id TEXT NOT NULL REFERENCES users (id),
    department_id TEXT REFERENCES departments (id),
    paused_at BIGINT,
    pause_reason TEXT,
    -- failed attempts since the last one that was not
    failures INTEGER NOT NULL,
    -- nothing is sent before
    not_before BIGINT NOT NULL,
    delivered_at BIGINT,
    -- whoever sends its messages renews this
    leased_until BIGINT NOT NULL,
    leased_by TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX webhooks_owner ON webhooks (owner_id);
CREATE INDEX webhooks_department ON webhooks (department_id);

CREATE TABLE webhook_deliveries (
    -- the order in which messages are sent
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- as it is sent, to the letter
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    attempts INTEGER NOT NULL,
    -- attempts that failed since it was made or sent again by hand
    failures INTEGER NOT NULL,
    next_at BIGINT,
    status INTEGER,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    UNIQUE (webhook_id, event_id)
);
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (webhook_id, seq) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_created ON webhook_deliveries (created_at, id);

CREATE TABLE webhook_attempts (
    delivery_id TEXT NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    at BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    status INTEGER,
    error TEXT,
    response TEXT,
    PRIMARY KEY (delivery_id, number)
);
