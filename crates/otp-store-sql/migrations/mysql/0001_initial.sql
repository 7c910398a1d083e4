-- Instants are Unix milliseconds. Ids and keyed hashes are bytes. No code and no number is in any of these columns,
-- except for phone_sealed, which is encrypted.
--
-- MySQL commits each definition by itself: every one can be run again.

CREATE TABLE IF NOT EXISTS otp_challenges (
    id               BINARY(16) NOT NULL,
    rev              BIGINT NOT NULL,
    format           BIGINT NOT NULL,
    phone            BINARY(16) NOT NULL,
    purpose          VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    request          BINARY(16),
    channel          VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    remember_me      BIGINT NOT NULL,
    digest           BINARY(32) NOT NULL,
    kid              VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    issued_at        BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL,
    tries_left       BIGINT NOT NULL,
    prev_digest      BINARY(32),
    prev_kid         VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin,
    prev_issued_at   BIGINT,
    prev_expires_at  BIGINT,
    prev_tries_left  BIGINT,
    prev_request     BINARY(16),
    prev_channel     VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin,
    prev_remember_me BIGINT,
    prev_until       BIGINT,
    used_at          BIGINT,
    forgotten_at     BIGINT NOT NULL,
    PRIMARY KEY (id, phone, purpose),
    KEY otp_challenges_forgotten (forgotten_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS otp_limits (
    cell_key     BINARY(16) PRIMARY KEY,
    tally        BLOB NOT NULL,
    forgotten_at BIGINT NOT NULL,
    KEY otp_limits_forgotten (forgotten_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS otp_sessions (
    id              BINARY(16) PRIMARY KEY,
    format          BIGINT NOT NULL,
    user_id         VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    counter         BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    rotated_at      BIGINT NOT NULL,
    idle_expires_at BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    idle_ms         BIGINT NOT NULL,
    amr             TEXT NOT NULL,
    device_info     TEXT,
    KEY otp_sessions_user (user_id),
    KEY otp_sessions_idle (idle_expires_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS otp_users (
    tenant        VARCHAR(64) NOT NULL,
    id            VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    phone_index   BINARY(16) NOT NULL,
    phone_kid     VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    phone_sealed  VARBINARY(255) NOT NULL,
    first_name    TEXT,
    last_name     TEXT,
    email         TEXT,
    roles         TEXT NOT NULL,
    disabled      BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    last_login_at BIGINT,
    PRIMARY KEY (tenant, id),
    UNIQUE KEY otp_users_phone (tenant, phone_index)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS otp_consents (
    tenant   VARCHAR(64) NOT NULL,
    user_id  VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    version  VARCHAR(191) NOT NULL,
    text_id  VARCHAR(191) NOT NULL,
    given_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, user_id, version, text_id),
    FOREIGN KEY (tenant, user_id) REFERENCES otp_users (tenant, id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS otp_audit_heads (
    tenant VARCHAR(64) PRIMARY KEY,
    seq    BIGINT NOT NULL,
    hash   BINARY(32) NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS otp_audit (
    tenant       VARCHAR(64) NOT NULL,
    seq          BIGINT NOT NULL,
    format       BIGINT NOT NULL,
    kid          VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    at           BIGINT NOT NULL,
    event        VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    action       VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    outcome      VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reason       TEXT,
    challenge    BINARY(16),
    channel      VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin,
    purpose      VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin,
    session      BINARY(16),
    salt         BINARY(16),
    phone        BINARY(16),
    masked_phone TEXT,
    user_id      VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin,
    address      VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin,
    device_info  TEXT,
    personal     BINARY(32) NOT NULL,
    hash         BINARY(32) NOT NULL,
    PRIMARY KEY (tenant, seq),
    KEY otp_audit_user (tenant, user_id),
    KEY otp_audit_phone (tenant, phone)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
