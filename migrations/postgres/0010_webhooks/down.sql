DROP TABLE webhook_attempts;
DROP TABLE webhook_deliveries;
DROP TABLE webhooks;
DROP TABLE event_cursors;
ALTER TABLE outbox_events DROP CONSTRAINT outbox_events_pkey;
ALTER TABLE outbox_events DROP COLUMN txid, DROP COLUMN seq, DROP COLUMN user_id, ADD PRIMARY KEY (id);
