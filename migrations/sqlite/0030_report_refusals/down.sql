ALTER TABLE report_recipients ADD COLUMN unsubscribed_at BIGINT;
UPDATE report_recipients SET unsubscribed_at = (
    SELECT since FROM report_refusals
    WHERE report_refusals.report_id = report_recipients.report_id AND report_refusals.user_id = report_recipients.user_id
);
DROP TABLE report_refusals;
