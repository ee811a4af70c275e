-- The business registry as this adapter reads it. One text for SQLite and PostgreSQL: TEXT and integers only. Dates are
-- yyyy-MM-dd, instants RFC 3339 in Vietnam time (2025-06-30T08:15:00+07:00), so that their first ten characters are the
-- office's day. Amounts are decimal numbers as text. Absent values are NULL.
-- Tables first, indexes last: a bulk loader may run them apart.

-- One row an enterprise; status is the number of EnterpriseStatus.
CREATE TABLE IF NOT EXISTS enterprises (
  enterprise_code TEXT NOT NULL PRIMARY KEY,
  registry_number TEXT NOT NULL,
  type_code TEXT,
  type_name TEXT,
  name TEXT NOT NULL,
  short_name TEXT,
  foreign_name TEXT,
  founding_date TEXT NOT NULL,
  last_amended_date TEXT,
  amendment_count INTEGER NOT NULL,
  status INTEGER NOT NULL,
  capital_vnd TEXT,
  office_province_code TEXT,
  office_province_name TEXT,
  office_commune_code TEXT,
  office_commune_name TEXT,
  office_street_number TEXT,
  office_full_text TEXT
);

CREATE TABLE IF NOT EXISTS enterprise_representatives (
  enterprise_code TEXT NOT NULL,
  position INTEGER NOT NULL,
  citizen_id TEXT,
  full_name TEXT NOT NULL,
  title TEXT,
  PRIMARY KEY (enterprise_code, position)
);

-- is_main is 1 or 0.
CREATE TABLE IF NOT EXISTS enterprise_activities (
  enterprise_code TEXT NOT NULL,
  position INTEGER NOT NULL,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  is_main INTEGER NOT NULL,
  PRIMARY KEY (enterprise_code, position)
);

CREATE TABLE IF NOT EXISTS enterprise_members (
  enterprise_code TEXT NOT NULL,
  position INTEGER NOT NULL,
  citizen_id TEXT,
  name TEXT NOT NULL,
  amount_vnd TEXT,
  ratio_percent TEXT,
  country_code TEXT,
  PRIMARY KEY (enterprise_code, position)
);

-- Registration dossiers; status is the number of DossierProcessStatus.
CREATE TABLE IF NOT EXISTS dossiers (
  journal_number TEXT NOT NULL PRIMARY KEY,
  enterprise_code TEXT,
  document_type TEXT NOT NULL,
  site_code TEXT NOT NULL,
  received_at TEXT NOT NULL,
  due_date TEXT,
  status INTEGER NOT NULL,
  registration_date TEXT,
  supplement_date TEXT,
  submission_type TEXT,
  contact_name TEXT,
  contact_phone TEXT,
  contact_email TEXT
);

CREATE INDEX IF NOT EXISTS dossiers_by_receipt ON dossiers (received_at, journal_number);
