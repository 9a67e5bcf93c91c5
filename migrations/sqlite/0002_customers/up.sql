CREATE TABLE customers (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    short_name TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('company', 'person')),
    customer_type TEXT,
    stage TEXT NOT NULL CHECK (stage IN ('potential', 'intent', 'active', 'dormant', 'lost')),
    tier TEXT CHECK (tier IN ('strategic', 'key', 'general', 'potential')),
    value_class TEXT CHECK (value_class IN ('a', 'b', 'c')),
    region TEXT,
    industry TEXT,
    size TEXT,
    source TEXT,
    phone TEXT,
    email TEXT,
    website TEXT,
    address TEXT,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    parent_id TEXT REFERENCES customers (id),
    owner_id TEXT REFERENCES users (id),
    department_id TEXT REFERENCES departments (id),
    -- JSON: ["…"]
    tags TEXT NOT NULL,
    note TEXT,
    -- JSON objects: 公司资料, 经营状况
    company TEXT NOT NULL,
    profile TEXT NOT NULL,
    completeness INTEGER NOT NULL CHECK (completeness BETWEEN 0 AND 100),
    blacklisted BOOLEAN NOT NULL,
    -- JSON: {reason, by, at, until}
    blacklist TEXT,
    archived_at BIGINT,
    -- lower-case name, short name, code, e-mail and the digits of the telephone
    search_text TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CHECK (parent_id <> id),
    CHECK (blacklisted = (blacklist IS NOT NULL))
);
CREATE INDEX customers_created ON customers (created_at, id);
CREATE INDEX customers_updated ON customers (updated_at, id);
CREATE INDEX customers_name ON customers (name, id);
CREATE INDEX customers_owner ON customers (owner_id, created_at, id);
CREATE INDEX customers_department ON customers (department_id, created_at, id);
CREATE INDEX customers_parent ON customers (parent_id);
CREATE INDEX customers_stage ON customers (stage, created_at, id);
CREATE INDEX customers_value_class ON customers (value_class, created_at, id);
CREATE INDEX customers_phone ON customers (phone);
CREATE INDEX customers_email ON customers (email);

CREATE TABLE customer_evaluations (
    id TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    by_id TEXT REFERENCES users (id),
    by_name TEXT NOT NULL,
    evaluated_on INTEGER NOT NULL,
    keenness SMALLINT NOT NULL CHECK (keenness BETWEEN 1 AND 5),
    capability SMALLINT NOT NULL CHECK (capability BETWEEN 1 AND 5),
    credit SMALLINT NOT NULL CHECK (credit BETWEEN 1 AND 5),
    social_standing SMALLINT NOT NULL CHECK (social_standing BETWEEN 1 AND 5),
    comment TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX customer_evaluations_customer ON customer_evaluations (customer_id, evaluated_on);

CREATE TABLE contacts (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    customer_id TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    title TEXT,
    department TEXT,
    decision_role TEXT CHECK (decision_role IN ('decider', 'influencer', 'user', 'buyer', 'gatekeeper')),
    mobile TEXT,
    phone TEXT,
    email TEXT,
    wechat TEXT,
    birthday INTEGER,
    -- month × 100 + day, to find the birthdays of a week
    birthday_key INTEGER,
    interests TEXT,
    education TEXT,
    family TEXT,
    temperament TEXT,
    relationship SMALLINT CHECK (relationship BETWEEN 1 AND 5),
    reports_to_id TEXT REFERENCES contacts (id) ON DELETE SET NULL,
    is_primary BOOLEAN NOT NULL,
    consent_phone BOOLEAN NOT NULL,
    consent_sms BOOLEAN NOT NULL,
    consent_email BOOLEAN NOT NULL,
    consent_wechat BOOLEAN NOT NULL,
    note TEXT,
    search_text TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CHECK (reports_to_id <> id)
);
CREATE INDEX contacts_customer ON contacts (customer_id, name, id);
CREATE INDEX contacts_name ON contacts (name, id);
CREATE INDEX contacts_birthday ON contacts (birthday_key);
CREATE INDEX contacts_reports_to ON contacts (reports_to_id);
CREATE UNIQUE INDEX contacts_primary ON contacts (customer_id) WHERE is_primary;

-- What the orders of a customer add up to on a day (UTC).
CREATE TABLE customer_days (
    customer_id TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    day INTEGER NOT NULL,
    orders BIGINT NOT NULL,
    sales BIGINT NOT NULL,
    margin BIGINT NOT NULL,
    returns BIGINT NOT NULL,
    PRIMARY KEY (customer_id, day)
);

-- The figures of a customer, kept in the transaction of the order or ticket that changes them.
CREATE TABLE customer_metrics (
    customer_id TEXT PRIMARY KEY REFERENCES customers (id) ON DELETE CASCADE,
    orders BIGINT NOT NULL DEFAULT 0,
    order_days BIGINT NOT NULL DEFAULT 0,
    first_order_on INTEGER,
    last_order_on INTEGER,
    sales BIGINT NOT NULL DEFAULT 0,
    margin BIGINT NOT NULL DEFAULT 0,
    returns BIGINT NOT NULL DEFAULT 0,
    average_order BIGINT,
    mean_gap_days BIGINT,
    sales_30d BIGINT NOT NULL DEFAULT 0,
    sales_90d BIGINT NOT NULL DEFAULT 0,
    sales_365d BIGINT NOT NULL DEFAULT 0,
    sales_30d_before BIGINT NOT NULL DEFAULT 0,
    sales_90d_before BIGINT NOT NULL DEFAULT 0,
    sales_365d_before BIGINT NOT NULL DEFAULT 0,
    tickets BIGINT NOT NULL DEFAULT 0,
    open_tickets BIGINT NOT NULL DEFAULT 0,
    complaints BIGINT NOT NULL DEFAULT 0,
    as_of INTEGER,
    updated_at BIGINT
);
CREATE INDEX customer_metrics_sales ON customer_metrics (sales, customer_id);
CREATE INDEX customer_metrics_last_order ON customer_metrics (last_order_on, customer_id);
