-- The outbox becomes a log that is read from a place on. Transactions commit in another order than they take numbers; so a row
-- carries the number of its transaction, and is read when no transaction with that number or a lower one is under way.
ALTER TABLE outbox_events DROP CONSTRAINT outbox_events_pkey;
ALTER TABLE outbox_events
    ADD COLUMN txid BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN seq BIGINT GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN user_id TEXT COLLATE "C",
    ADD PRIMARY KEY (txid, seq);
ALTER TABLE outbox_events ALTER COLUMN txid SET DEFAULT pg_current_xact_id()::text::bigint;

-- How far readers of the outbox have come.
CREATE TABLE event_cursors (
    name TEXT COLLATE "C" PRIMARY KEY,
    txid BIGINT NOT NULL,
    seq BIGINT NOT NULL
);
INSERT INTO event_cursors (name, txid, seq) VALUES ('webhooks', 0, 0);

CREATE TABLE webhooks (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    -- JSON: ["customers.*"]
    events TEXT COLLATE "C" NOT NULL,
    active BOOLEAN NOT NULL,
    secret TEXT COLLATE "C" NOT NULL,
    -- good until the rotation ends
    previous_secret TEXT COLLATE "C",
    rotation_ends_at BIGINT,
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    department_id TEXT COLLATE "C" REFERENCES departments (id),
    paused_at BIGINT,
    pause_reason TEXT COLLATE "C",
    -- failed attempts since the last one that was not
    failures INTEGER NOT NULL,
    -- nothing is sent before
    not_before BIGINT NOT NULL,
    delivered_at BIGINT,
    -- whoever sends its messages renews this
    leased_until BIGINT NOT NULL,
    leased_by TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX webhooks_owner ON webhooks (owner_id);
CREATE INDEX webhooks_department ON webhooks (department_id);

CREATE TABLE webhook_deliveries (
    -- the order in which messages are sent
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    webhook_id TEXT COLLATE "C" NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    -- as it is sent, to the letter
    body TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
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
    delivery_id TEXT COLLATE "C" NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    at BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    status INTEGER,
    error TEXT COLLATE "C",
    response TEXT COLLATE "C",
    PRIMARY KEY (delivery_id, number)
);
