-- Why a customer was lost; one may be lost more than once.
CREATE TABLE customer_losses (
    id TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    churn_type TEXT NOT NULL CHECK (churn_type IN ('dropped', 'unintended', 'competitor', 'price', 'condition_gone')),
    lost_on INTEGER NOT NULL,
    note TEXT,
    by_id TEXT REFERENCES users (id),
    by_name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX customer_losses_customer ON customer_losses (customer_id, lost_on);

CREATE TABLE win_back_plans (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    customer_id TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    plan TEXT NOT NULL,
    due_on INTEGER,
    responsible_id TEXT REFERENCES users (id),
    outcome TEXT NOT NULL CHECK (outcome IN ('open', 'won_back', 'given_up')),
    outcome_on INTEGER,
    outcome_note TEXT,
    by_id TEXT REFERENCES users (id),
    by_name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CHECK ((outcome = 'open') = (outcome_on IS NULL))
);
-- One at a time for a customer.
CREATE UNIQUE INDEX win_back_plans_open ON win_back_plans (customer_id) WHERE outcome = 'open';
CREATE INDEX win_back_plans_customer ON win_back_plans (customer_id, created_at, id);
CREATE INDEX win_back_plans_created ON win_back_plans (created_at, id);
CREATE INDEX win_back_plans_due ON win_back_plans (due_on, id);
CREATE INDEX win_back_plans_responsible ON win_back_plans (responsible_id, outcome);
