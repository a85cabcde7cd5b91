-- Rising numbers; a row is locked while its number is taken, so numbers commit in their order.
CREATE TABLE counter (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
INSERT INTO counter (name, value) VALUES ('alias', 0), ('collection', 0), ('decision', 0), ('snapshot', 0);

CREATE TABLE account (id TEXT PRIMARY KEY, visits BIGINT NOT NULL, body TEXT NOT NULL);
CREATE TABLE account_lock (account TEXT PRIMARY KEY, holder TEXT NOT NULL, until_at BIGINT NOT NULL);

CREATE TABLE collection (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id),
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    cost TEXT NOT NULL
);
CREATE INDEX collection_account ON collection (account);

-- One finished scope of one collection. `history` addresses everything the scope's series ever said up to this visit.
CREATE TABLE visit (
    account TEXT NOT NULL,
    number BIGINT NOT NULL,
    collection TEXT NOT NULL REFERENCES collection (id),
    scope TEXT NOT NULL,
    status TEXT NOT NULL,
    finished_at BIGINT NOT NULL,
    body BYTEA NOT NULL,
    history BYTEA,
    PRIMARY KEY (account, number)
);
CREATE INDEX visit_scope ON visit (account, scope, number);
CREATE INDEX visit_collection ON visit (collection);

-- Immutable, addressed by the SHA-256 of the body: day blocks, day pages, histories.
CREATE TABLE block (hash BYTEA PRIMARY KEY, body BYTEA NOT NULL);

CREATE TABLE snapshot (
    id TEXT PRIMARY KEY,
    taken_at BIGINT NOT NULL,
    zone TEXT NOT NULL,
    accounts TEXT NOT NULL,
    aliases BIGINT NOT NULL
);
-- newest: the last visit, for its gaps and history; observed: the last one that read anything, for its facts.
CREATE TABLE manifest (
    snapshot TEXT NOT NULL REFERENCES snapshot (id) ON DELETE CASCADE,
    account TEXT NOT NULL,
    scope TEXT NOT NULL,
    newest BIGINT NOT NULL,
    observed BIGINT,
    PRIMARY KEY (snapshot, account, scope),
    FOREIGN KEY (account, newest) REFERENCES visit (account, number),
    FOREIGN KEY (account, observed) REFERENCES visit (account, number)
);
CREATE INDEX manifest_newest ON manifest (account, newest);
CREATE INDEX manifest_observed ON manifest (account, observed);

CREATE TABLE assessment (
    snapshot TEXT NOT NULL REFERENCES snapshot (id) ON DELETE CASCADE,
    model_version TEXT NOT NULL,
    policy_version BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (snapshot, model_version, policy_version)
);

CREATE TABLE ledger (fingerprint TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE alias (number BIGINT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE decision (number BIGINT PRIMARY KEY, at BIGINT NOT NULL, author TEXT NOT NULL, choice TEXT NOT NULL);
CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL);
