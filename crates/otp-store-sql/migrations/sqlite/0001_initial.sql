-- Instants are Unix milliseconds. Ids and keyed hashes are bytes. No code and no number is in any of these columns,
-- except for phone_sealed, which is encrypted.

CREATE TABLE otp_challenges (
    id               BLOB NOT NULL,
    rev              INTEGER NOT NULL,
    format           INTEGER NOT NULL,
    phone            BLOB NOT NULL,
    purpose          TEXT NOT NULL,
    request          BLOB,
    channel          TEXT NOT NULL,
    remember_me      INTEGER NOT NULL,
    digest           BLOB NOT NULL,
    kid              TEXT NOT NULL,
    issued_at        INTEGER NOT NULL,
    expires_at       INTEGER NOT NULL,
    tries_left       INTEGER NOT NULL,
    prev_digest      BLOB,
    prev_kid         TEXT,
    prev_issued_at   INTEGER,
    prev_expires_at  INTEGER,
    prev_tries_left  INTEGER,
    prev_request     BLOB,
    prev_channel     TEXT,
    prev_remember_me INTEGER,
    prev_until       INTEGER,
    used_at          INTEGER,
    forgotten_at     INTEGER NOT NULL,
    PRIMARY KEY (id, phone, purpose)
);
CREATE INDEX otp_challenges_forgotten ON otp_challenges (forgotten_at);

CREATE TABLE otp_limits (
    cell_key     BLOB PRIMARY KEY,
    tally        BLOB NOT NULL,
    forgotten_at INTEGER NOT NULL
);
CREATE INDEX otp_limits_forgotten ON otp_limits (forgotten_at);

CREATE TABLE otp_sessions (
    id              BLOB PRIMARY KEY,
    format          INTEGER NOT NULL,
    user_id         TEXT NOT NULL,
    counter         INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    rotated_at      INTEGER NOT NULL,
    idle_expires_at INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    idle_ms         INTEGER NOT NULL,
    amr             TEXT NOT NULL,
    device_info     TEXT
);
CREATE INDEX otp_sessions_user ON otp_sessions (user_id);
CREATE INDEX otp_sessions_idle ON otp_sessions (idle_expires_at);

CREATE TABLE otp_users (
    tenant        TEXT NOT NULL,
    id            TEXT NOT NULL,
    phone_index   BLOB NOT NULL,
    phone_kid     TEXT NOT NULL,
    phone_sealed  BLOB NOT NULL,
    first_name    TEXT,
    last_name     TEXT,
    email         TEXT,
    roles         TEXT NOT NULL,
    disabled      INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    last_login_at INTEGER,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX otp_users_phone ON otp_users (tenant, phone_index);

CREATE TABLE otp_consents (
    tenant   TEXT NOT NULL,
    user_id  TEXT NOT NULL,
    version  TEXT NOT NULL,
    text_id  TEXT NOT NULL,
    given_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, user_id, version, text_id),
    FOREIGN KEY (tenant, user_id) REFERENCES otp_users (tenant, id) ON DELETE CASCADE
);

CREATE TABLE otp_audit_heads (
    tenant TEXT PRIMARY KEY,
    seq    INTEGER NOT NULL,
    hash   BLOB NOT NULL
);

CREATE TABLE otp_audit (
    tenant       TEXT NOT NULL,
    seq          INTEGER NOT NULL,
    format       INTEGER NOT NULL,
    kid          TEXT NOT NULL,
    at           INTEGER NOT NULL,
    event        TEXT NOT NULL,
    action       TEXT NOT NULL,
    outcome      TEXT NOT NULL,
    reason       TEXT,
    challenge    BLOB,
    channel      TEXT,
    purpose      TEXT,
    session      BLOB,
    salt         BLOB,
    phone        BLOB,
    masked_phone TEXT,
    user_id      TEXT,
    address      TEXT,
    device_info  TEXT,
    personal     BLOB NOT NULL,
    hash         BLOB NOT NULL,
    PRIMARY KEY (tenant, seq)
);
CREATE INDEX otp_audit_user ON otp_audit (tenant, user_id);
CREATE INDEX otp_audit_phone ON otp_audit (tenant, phone);
