-- Instants are Unix milliseconds. Ids and keyed hashes are bytes. No code and no number is in any of these columns,
-- except for phone_sealed, which is encrypted.

CREATE TABLE otp_challenges (
    id               BYTEA NOT NULL,
    rev              BIGINT NOT NULL,
    format           BIGINT NOT NULL,
    phone            BYTEA NOT NULL,
    purpose          TEXT NOT NULL,
    request          BYTEA,
    channel          TEXT NOT NULL,
    remember_me      BIGINT NOT NULL,
    digest           BYTEA NOT NULL,
    kid              TEXT NOT NULL,
    issued_at        BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL,
    tries_left       BIGINT NOT NULL,
    prev_digest      BYTEA,
    prev_kid         TEXT,
    prev_issued_at   BIGINT,
    prev_expires_at  BIGINT,
    prev_tries_left  BIGINT,
    prev_request     BYTEA,
    prev_channel     TEXT,
    prev_remember_me BIGINT,
    prev_until       BIGINT,
    used_at          BIGINT,
    forgotten_at     BIGINT NOT NULL,
    PRIMARY KEY (id, phone, purpose)
) WITH (fillfactor = 70);
CREATE INDEX otp_challenges_forgotten ON otp_challenges (forgotten_at);

-- A row of a limit is rewritten with every charge: room for that in its page, and no waiting for a fifth of the table.
CREATE TABLE otp_limits (
    cell_key     BYTEA PRIMARY KEY,
    tally        BYTEA NOT NULL,
    forgotten_at BIGINT NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
CREATE INDEX otp_limits_forgotten ON otp_limits (forgotten_at);

CREATE TABLE otp_sessions (
    id              BYTEA PRIMARY KEY,
    format          BIGINT NOT NULL,
    user_id         TEXT NOT NULL,
    counter         BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    rotated_at      BIGINT NOT NULL,
    idle_expires_at BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    idle_ms         BIGINT NOT NULL,
    amr             TEXT NOT NULL,
    device_info     TEXT
) WITH (fillfactor = 70);
CREATE INDEX otp_sessions_user ON otp_sessions (user_id);
CREATE INDEX otp_sessions_idle ON otp_sessions (idle_expires_at);

CREATE TABLE otp_users (
    tenant        TEXT NOT NULL,
    id            TEXT NOT NULL,
    phone_index   BYTEA NOT NULL,
    phone_kid     TEXT NOT NULL,
    phone_sealed  BYTEA NOT NULL,
    first_name    TEXT,
    last_name     TEXT,
    email         TEXT,
    roles         TEXT NOT NULL,
    disabled      BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    last_login_at BIGINT,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX otp_users_phone ON otp_users (tenant, phone_index);

CREATE TABLE otp_consents (
    tenant   TEXT NOT NULL,
    user_id  TEXT NOT NULL,
    version  TEXT NOT NULL,
    text_id  TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, user_id, version, text_id),
    FOREIGN KEY (tenant, user_id) REFERENCES otp_users (tenant, id) ON DELETE CASCADE
);

CREATE TABLE otp_audit_heads (
    tenant TEXT PRIMARY KEY,
    seq    BIGINT NOT NULL,
    hash   BYTEA NOT NULL
);

CREATE TABLE otp_audit (
    tenant       TEXT NOT NULL,
    seq          BIGINT NOT NULL,
    format       BIGINT NOT NULL,
    kid          TEXT NOT NULL,
    at           BIGINT NOT NULL,
    event        TEXT NOT NULL,
    action       TEXT NOT NULL,
    outcome      TEXT NOT NULL,
    reason       TEXT,
    challenge    BYTEA,
    channel      TEXT,
    purpose      TEXT,
    session      BYTEA,
    salt         BYTEA,
    phone        BYTEA,
    masked_phone TEXT,
    user_id      TEXT,
    address      TEXT,
    device_info  TEXT,
    personal     BYTEA NOT NULL,
    hash         BYTEA NOT NULL,
    PRIMARY KEY (tenant, seq)
);
CREATE INDEX otp_audit_user ON otp_audit (tenant, user_id);
CREATE INDEX otp_audit_phone ON otp_audit (tenant, phone);
