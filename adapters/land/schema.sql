-- The land database as this adapter reads and changes it. One text for SQLite and PostgreSQL: TEXT and integers only, dates
-- as yyyy-MM-dd, instants as RFC 3339 in UTC with whole seconds (2025-06-30T01:15:00Z), areas as decimal numbers in text.
-- Absent values are NULL. Tables first, indexes last: a bulk loader may run them apart.

-- One row a parcel. version counts its changes and begins at 1; status is the number of ParcelStatus.
CREATE TABLE IF NOT EXISTS parcels (
  parcel_id TEXT NOT NULL PRIMARY KEY,
  province_code TEXT NOT NULL,
  commune_code TEXT NOT NULL,
  map_sheet TEXT NOT NULL,
  parcel_number TEXT NOT NULL,
  certificate_map_sheet TEXT,
  certificate_parcel_number TEXT,
  address TEXT,
  area_m2 TEXT NOT NULL,
  assets TEXT,
  status INTEGER NOT NULL,
  certificate_serial TEXT,
  version BIGINT NOT NULL,
  updated_at TEXT NOT NULL
);

-- Up to three uses a parcel, position from 1.
CREATE TABLE IF NOT EXISTS parcel_uses (
  parcel_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  land_type_code TEXT NOT NULL,
  area_m2 TEXT NOT NULL,
  origin TEXT,
  form TEXT,
  term TEXT,
  PRIMARY KEY (parcel_id, position)
);

-- Who holds a parcel, position from 1: a person by citizen_id or an enterprise by enterprise_code.
CREATE TABLE IF NOT EXISTS parcel_holders (
  parcel_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  citizen_id TEXT,
  enterprise_code TEXT,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  PRIMARY KEY (parcel_id, position)
);

-- Certificates; status is the number of CertificateStatus.
CREATE TABLE IF NOT EXISTS certificates (
  serial TEXT NOT NULL PRIMARY KEY,
  register_number TEXT NOT NULL,
  issued_date TEXT NOT NULL,
  issuer_code TEXT,
  status INTEGER NOT NULL,
  parcel_id TEXT NOT NULL,
  replaced_by_serial TEXT
);

CREATE TABLE IF NOT EXISTS certificate_holders (
  serial TEXT NOT NULL,
  position INTEGER NOT NULL,
  citizen_id TEXT,
  enterprise_code TEXT,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  PRIMARY KEY (serial, position)
);

-- Registered changes, in the order of change_number; kind is the number of ChangeKind. The idempotency key is unique, so that
-- one exchange can have one effect at most.
CREATE TABLE IF NOT EXISTS land_changes (
  change_number BIGINT NOT NULL PRIMARY KEY,
  idempotency_key TEXT NOT NULL UNIQUE,
  parcel_id TEXT NOT NULL,
  commune_code TEXT NOT NULL,
  kind INTEGER NOT NULL,
  registered_at TEXT NOT NULL,
  parcel_version BIGINT NOT NULL,
  dossier_code TEXT NOT NULL,
  content TEXT NOT NULL
);

-- The last change number given out; its row is the lock under which numbers are given.
CREATE TABLE IF NOT EXISTS counters (
  name TEXT NOT NULL PRIMARY KEY,
  value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('land_changes', 0) ON CONFLICT DO NOTHING;

-- The answer given to each change, by idempotency key; written in the transaction of the change itself.
CREATE TABLE IF NOT EXISTS kept_answers (
  idempotency_key TEXT NOT NULL PRIMARY KEY,
  method TEXT NOT NULL,
  request_digest TEXT NOT NULL,
  answer_base64 TEXT NOT NULL,
  kept_at TEXT NOT NULL
);

CREATE INDEX IF NOT EXISTS parcels_by_position ON parcels (commune_code, map_sheet, parcel_number);
CREATE INDEX IF NOT EXISTS parcel_holders_by_citizen ON parcel_holders (citizen_id);
CREATE INDEX IF NOT EXISTS parcel_holders_by_enterprise ON parcel_holders (enterprise_code);
CREATE INDEX IF NOT EXISTS certificates_by_register ON certificates (register_number);
CREATE INDEX IF NOT EXISTS land_changes_by_time ON land_changes (registered_at, change_number);
