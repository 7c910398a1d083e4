-- What becomes of messages. A reference is the provider's own name for a message: it holds no number and no code.

CREATE TABLE otp_messages (
    id           BYTEA NOT NULL,
    phone        BYTEA NOT NULL,
    purpose      TEXT NOT NULL,
    format       BIGINT NOT NULL,
    provider     TEXT NOT NULL,
    reference    TEXT,
    message      BYTEA,
    channel      TEXT NOT NULL,
    sent_at      BIGINT NOT NULL,
    forgotten_at BIGINT NOT NULL,
    PRIMARY KEY (id, phone, purpose)
) WITH (fillfactor = 70);
CREATE INDEX otp_messages_forgotten ON otp_messages (forgotten_at);

CREATE TABLE otp_reports (
    message      BYTEA PRIMARY KEY,
    state        TEXT NOT NULL,
    forgotten_at BIGINT NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX otp_reports_forgotten ON otp_reports (forgotten_at);
