-- What becomes of messages. A reference is the provider's own name for a message: it holds no number and no code.

CREATE TABLE otp_messages (
    id           BLOB NOT NULL,
    phone        BLOB NOT NULL,
    purpose      TEXT NOT NULL,
    format       INTEGER NOT NULL,
    provider     TEXT NOT NULL,
    reference    TEXT,
    message      BLOB,
    channel      TEXT NOT NULL,
    sent_at      INTEGER NOT NULL,
    forgotten_at INTEGER NOT NULL,
    PRIMARY KEY (id, phone, purpose)
);
CREATE INDEX otp_messages_forgotten ON otp_messages (forgotten_at);

CREATE TABLE otp_reports (
    message      BLOB PRIMARY KEY,
    state        TEXT NOT NULL,
    forgotten_at INTEGER NOT NULL
);
CREATE INDEX otp_reports_forgotten ON otp_reports (forgotten_at);
