DROP TABLE report_recipients;
DROP TABLE report_schedules;
DROP TABLE mail_attachments;
DROP TABLE mails;
DROP TABLE mail_settings;
