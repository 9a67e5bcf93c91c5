-- Who wants no more of a report. Kept apart from the recipients: being removed from them and added again does not undo it.
CREATE TABLE report_refusals (
    report_id TEXT COLLATE "C" NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    since BIGINT NOT NULL,
    PRIMARY KEY (report_id, user_id)
);
CREATE INDEX report_refusals_user ON report_refusals (user_id);
INSERT INTO report_refusals (report_id, user_id, since)
SELECT report_id, user_id, unsubscribed_at FROM report_recipients WHERE unsubscribed_at IS NOT NULL;
ALTER TABLE report_recipients DROP COLUMN unsubscribed_at;
