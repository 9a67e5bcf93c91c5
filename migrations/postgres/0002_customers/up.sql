CREATE TABLE customers (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    code TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    short_name TEXT COLLATE "C",
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('company', 'person')),
    customer_type TEXT COLLATE "C",
    stage TEXT COLLATE "C" NOT NULL CHECK (stage IN ('potential', 'intent', 'active', 'dormant', 'lost')),
    tier TEXT COLLATE "C" CHECK (tier IN ('strategic', 'key', 'general', 'potential')),
    value_class TEXT COLLATE "C" CHECK (value_class IN ('a', 'b', 'c')),
    region TEXT COLLATE "C",
    industry TEXT COLLATE "C",
    size TEXT COLLATE "C",
    source TEXT COLLATE "C",
    phone TEXT COLLATE "C",
    email TEXT COLLATE "C",
    website TEXT COLLATE "C",
    address TEXT COLLATE "C",
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    parent_id TEXT COLLATE "C" REFERENCES customers (id),
    owner_id TEXT COLLATE "C" REFERENCES users (id),
    department_id TEXT COLLATE "C" REFERENCES departments (id),
    -- JSON: ["…"]
    tags TEXT COLLATE "C" NOT NULL,
    note TEXT COLLATE "C",
    -- JSON objects: 公司资料, 经营状况
    company TEXT COLLATE "C" NOT NULL,
    profile TEXT COLLATE "C" NOT NULL,
    completeness INTEGER NOT NULL CHECK (completeness BETWEEN 0 AND 100),
    blacklisted BOOLEAN NOT NULL,
    -- JSON: {reason, by, at, until}
    blacklist TEXT COLLATE "C",
    archived_at BIGINT,
    -- lower-case name, short name, code, e-mail and the digits of the telephone
    search_text TEXT COLLATE "C" NOT NULL,
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
    id TEXT COLLATE "C" PRIMARY KEY,
    customer_id TEXT COLLATE "C" NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    by_id TEXT COLLATE "C" REFERENCES users (id),
    by_name TEXT COLLATE "C" NOT NULL,
    evaluated_on INTEGER NOT NULL,
    keenness SMALLINT NOT NULL CHECK (keenness BETWEEN 1 AND 5),
    capability SMALLINT NOT NULL CHECK (capability BETWEEN 1 AND 5),
    credit SMALLINT NOT NULL CHECK (credit BETWEEN 1 AND 5),
    social_standing SMALLINT NOT NULL CHECK (social_standing BETWEEN 1 AND 5),
    comment TEXT COLLATE "C",
    created_at BIGINT NOT NULL
);
CREATE INDEX customer_evaluations_customer ON customer_evaluations (customer_id, evaluated_on);

CREATE TABLE contacts (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    customer_id TEXT COLLATE "C" NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    name TEXT COLLATE "C" NOT NULL,
    title TEXT COLLATE "C",
    department TEXT COLLATE "C",
    decision_role TEXT COLLATE "C" CHECK (decision_role IN ('decider', 'influencer', 'user', 'buyer', 'gatekeeper')),
    mobile TEXT COLLATE "C",
    phone TEXT COLLATE "C",
    email TEXT COLLATE "C",
    wechat TEXT COLLATE "C",
    birthday INTEGER,
    -- month × 100 + day, to find the birthdays of a week
    birthday_key INTEGER,
    interests TEXT COLLATE "C",
    education TEXT COLLATE "C",
    family TEXT COLLATE "C",
    temperament TEXT COLLATE "C",
    relationship SMALLINT CHECK (relationship BETWEEN 1 AND 5),
    reports_to_id TEXT COLLATE "C" REFERENCES contacts (id) ON DELETE SET NULL,
    is_primary BOOLEAN NOT NULL,
    consent_phone BOOLEAN NOT NULL,
    consent_sms BOOLEAN NOT NULL,
    consent_email BOOLEAN NOT NULL,
    consent_wechat BOOLEAN NOT NULL,
    note TEXT COLLATE "C",
    search_text TEXT COLLATE "C" NOT NULL,
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
    customer_id TEXT COLLATE "C" NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    day INTEGER NOT NULL,
    orders BIGINT NOT NULL,
    sales BIGINT NOT NULL,
    margin BIGINT NOT NULL,
    returns BIGINT NOT NULL,
    PRIMARY KEY (customer_id, day)
);

-- The figures of a customer, kept in the transaction of the order or ticket that changes them.
CREATE TABLE customer_metrics (
    customer_id TEXT COLLATE "C" PRIMARY KEY REFERENCES customers (id) ON DELETE CASCADE,
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
