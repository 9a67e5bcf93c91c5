-- A job may be about something: the run that somebody asked for. Of those any number may wait.
ALTER TABLE jobs ADD COLUMN subject TEXT COLLATE "C";
DROP INDEX jobs_kind_active;
CREATE UNIQUE INDEX jobs_kind_active ON jobs (kind) WHERE state IN ('queued', 'running') AND subject IS NULL;
CREATE INDEX jobs_subject ON jobs (subject) WHERE subject IS NOT NULL;

-- Which products are bought together.
CREATE TABLE rule_runs (
    id TEXT COLLATE "C" PRIMARY KEY,
    by_id TEXT COLLATE "C" REFERENCES users (id),
    by_name TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    -- JSON
    settings TEXT COLLATE "C" NOT NULL,
    -- JSON, once it is done: only then its rules are read
    result TEXT COLLATE "C"
);
CREATE INDEX rule_runs_created ON rule_runs (created_at, id);

CREATE TABLE rules (
    run_id TEXT COLLATE "C" NOT NULL REFERENCES rule_runs (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    -- JSON: ids of products or codes of categories
    antecedent TEXT COLLATE "C" NOT NULL,
    consequent TEXT COLLATE "C" NOT NULL,
    -- both sides
    items TEXT COLLATE "C" NOT NULL,
    item_count BIGINT NOT NULL,
    both_sides BIGINT NOT NULL,
    with_antecedent BIGINT NOT NULL,
    with_consequent BIGINT NOT NULL,
    -- shares in millionths, ratios in thousandths
    support BIGINT NOT NULL,
    confidence BIGINT NOT NULL,
    lift BIGINT NOT NULL,
    leverage BIGINT NOT NULL,
    conviction BIGINT,
    PRIMARY KEY (run_id, number)
);

-- Groups of customers that are alike.
CREATE TABLE cluster_runs (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    -- names the run in its members: a short key in millions of rows
    number BIGINT NOT NULL UNIQUE,
    by_id TEXT COLLATE "C" REFERENCES users (id),
    by_name TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    -- JSON
    settings TEXT COLLATE "C" NOT NULL,
    -- JSON: what people call the clusters
    names TEXT COLLATE "C" NOT NULL,
    -- JSON, once it is done: only then its customers are read
    result TEXT COLLATE "C"
);
CREATE INDEX cluster_runs_created ON cluster_runs (created_at, id);

-- Written by the million and looked up by run and customer: no references that each row would have to look up.
CREATE TABLE cluster_members (
    run BIGINT NOT NULL,
    customer_id TEXT COLLATE "C" NOT NULL,
    cluster BIGINT NOT NULL CHECK (cluster BETWEEN 1 AND 20),
    -- in the run before
    previous BIGINT,
    -- JSON: the features, in the order of the settings
    data TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (run, customer_id)
);
CREATE INDEX cluster_members_cluster ON cluster_members (run, cluster, customer_id);

-- The run whose clusters customers have now: what publishes a run is one small write here.
CREATE TABLE cluster_current (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    run BIGINT NOT NULL REFERENCES cluster_runs (number)
);
