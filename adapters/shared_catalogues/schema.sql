-- The shared catalogues. One text for SQLite and PostgreSQL: TEXT and integers only, dates as yyyy-MM-dd, instants as
-- RFC 3339 in UTC. Tables first, indexes last: a bulk loader may run them apart.

CREATE TABLE IF NOT EXISTS catalogues (
  code TEXT NOT NULL PRIMARY KEY,
  name_vi TEXT NOT NULL,
  owner_vi TEXT,
  source TEXT,
  updated_at TEXT NOT NULL
);

-- type is the number of ColumnType, is_key 1 or 0, position from 1.
CREATE TABLE IF NOT EXISTS catalogue_columns (
  catalogue_code TEXT NOT NULL,
  position INTEGER NOT NULL,
  code TEXT NOT NULL,
  name_vi TEXT NOT NULL,
  type INTEGER NOT NULL,
  is_key INTEGER NOT NULL,
  PRIMARY KEY (catalogue_code, code)
);

-- values_json is one JSON object, column code to text. valid_from is '' where the row always was valid, valid_to is '' where
-- no end is known. position is the order in which the catalogue's owner lists the rows.
CREATE TABLE IF NOT EXISTS catalogue_rows (
  catalogue_code TEXT NOT NULL,
  row_key TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  valid_to TEXT NOT NULL,
  position BIGINT NOT NULL,
  values_json TEXT NOT NULL,
  PRIMARY KEY (catalogue_code, row_key, valid_from)
);

-- The answer given to each change, by idempotency key; written in the transaction of the change itself.
CREATE TABLE IF NOT EXISTS kept_answers (
  idempotency_key TEXT NOT NULL PRIMARY KEY,
  method TEXT NOT NULL,
  request_digest TEXT NOT NULL,
  answer_base64 TEXT NOT NULL,
  kept_at TEXT NOT NULL
);

CREATE INDEX IF NOT EXISTS catalogue_rows_by_position ON catalogue_rows (catalogue_code, position);
