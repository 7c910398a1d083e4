-- What becomes of messages. A reference is the provider's own name for a message: it holds no number and no code.
--
-- MySQL commits each definition by itself: every one can be run again.

CREATE TABLE IF NOT EXISTS otp_messages (
    id           BINARY(16) NOT NULL,
    phone        BINARY(16) NOT NULL,
    purpose      VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    format       BIGINT NOT NULL,
    provider     TEXT NOT NULL,
    reference    TEXT,
    message      BINARY(16),
    channel      VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sent_at      BIGINT NOT NULL,
    forgotten_at BIGINT NOT NULL,
    PRIMARY KEY (id, phone, purpose),
    KEY otp_messages_forgotten (forgotten_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS otp_reports (
    message      BINARY(16) PRIMARY KEY,
    state        VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    forgotten_at BIGINT NOT NULL,
    KEY otp_reports_forgotten (forgotten_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
