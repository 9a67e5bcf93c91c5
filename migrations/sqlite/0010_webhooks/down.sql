DROP TABLE webhook_attempts;
DROP TABLE webhook_deliveries;
DROP TABLE webhooks;
DROP TABLE event_cursors;
CREATE TABLE outbox_table (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    record_id TEXT NOT NULL,
    payload TEXT NOT NULL
);
INSERT INTO outbox_table SELECT id, at, kind, record_id, payload FROM outbox_events;
DROP TABLE outbox_events;
ALTER TABLE outbox_table RENAME TO outbox_events;
