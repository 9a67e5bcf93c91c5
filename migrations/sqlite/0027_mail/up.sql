-- How mail leaves: one row.
CREATE TABLE mail_settings (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version BIGINT NOT NULL,
    -- JSON: what people set, without the password
    data TEXT NOT NULL,
    password TEXT
);

-- Mail that is to leave, that has left, or that could not.
CREATE TABLE mails (
    id TEXT PRIMARY KEY,
    -- as in the header, the same at every attempt
    message_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- what it belongs to: of that nobody gets two
    about TEXT,
    -- whom it is for, where that is somebody with an account
    user_id TEXT REFERENCES users (id) ON DELETE SET NULL,
    to_name TEXT NOT NULL,
    to_address TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    html TEXT,
    -- where to say that one wants no more of them
    unsubscribe TEXT,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'failed')),
    attempts INTEGER NOT NULL,
    -- attempts that failed since it was made or sent again by hand
    failures INTEGER NOT NULL,
    next_at BIGINT,
    -- why the last attempt failed, and what the server said
    fault TEXT,
    answer TEXT,
    -- whoever sends it
    leased_until BIGINT,
    leased_by TEXT,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    UNIQUE (about, to_address)
);
CREATE INDEX mails_pending ON mails (next_at, id) WHERE state = 'pending';
CREATE INDEX mails_created ON mails (created_at, id);
CREATE INDEX mails_user ON mails (user_id);

CREATE TABLE mail_attachments (
    mail_id TEXT NOT NULL REFERENCES mails (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (mail_id, number)
);

-- When a saved report is sent by mail.
CREATE TABLE report_schedules (
    report_id TEXT PRIMARY KEY REFERENCES reports (id) ON DELETE CASCADE,
    version BIGINT NOT NULL,
    -- JSON: what people set, without the recipients
    data TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    -- when it is due
    next_at BIGINT NOT NULL,
    -- which time the present or last sending is of
    run_at BIGINT,
    -- who asked for that; empty: the schedule
    run_by TEXT REFERENCES users (id) ON DELETE SET NULL,
    -- when all its mails were in the queue
    done_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX report_schedules_due ON report_schedules (next_at) WHERE active;
CREATE INDEX report_schedules_run_by ON report_schedules (run_by);

CREATE TABLE report_recipients (
    report_id TEXT NOT NULL REFERENCES report_schedules (report_id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- since when this person wants no more of it
    unsubscribed_at BIGINT,
    -- what became of it at the last sending
    run_at BIGINT,
    outcome TEXT,
    PRIMARY KEY (report_id, user_id)
);
CREATE INDEX report_recipients_user ON report_recipients (user_id);
