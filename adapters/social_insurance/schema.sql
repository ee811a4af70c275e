-- The insurance database as this adapter reads it. One text for SQLite and PostgreSQL: TEXT and integers only, dates as
-- yyyy-MM-dd (or yyyy-MM, yyyy, as far as known). Absent values are NULL.
-- Tables first, indexes last: a bulk loader may run them apart.

-- One row an insured person. name_key is full_name in upper case without tone marks, Đ as D, and without anything but A-Z
-- and 0-9. gender and status are the numbers of Gender and InsuredStatus.
CREATE TABLE IF NOT EXISTS insured (
  social_insurance_number TEXT NOT NULL PRIMARY KEY,
  citizen_id TEXT,
  full_name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  birth_date TEXT NOT NULL,
  gender INTEGER NOT NULL,
  birth_province_code TEXT,
  birth_commune_code TEXT,
  status INTEGER NOT NULL,
  household_number TEXT,
  relation_code TEXT
);

CREATE TABLE IF NOT EXISTS insured_households (
  household_number TEXT NOT NULL PRIMARY KEY,
  province_code TEXT,
  commune_code TEXT,
  address TEXT
);

-- Health insurance cards. status_code is the three-digit result code that the card itself gives ('000' good, '001', '002',
-- '110', '120' …); expiry and replacement are worked out from valid_to and replaced_by.
CREATE TABLE IF NOT EXISTS health_cards (
  card_number TEXT NOT NULL PRIMARY KEY,
  social_insurance_number TEXT NOT NULL,
  registered_facility_code TEXT,
  valid_from TEXT NOT NULL,
  valid_to TEXT NOT NULL,
  status_code TEXT NOT NULL,
  replaced_by TEXT
);

CREATE TABLE IF NOT EXISTS treatment_visits (
  file_number TEXT NOT NULL PRIMARY KEY,
  social_insurance_number TEXT NOT NULL,
  facility_code TEXT NOT NULL,
  from_date TEXT NOT NULL,
  to_date TEXT,
  disease TEXT,
  condition_code TEXT,
  result_code TEXT
);

CREATE INDEX IF NOT EXISTS insured_by_name ON insured (name_key, birth_date);
CREATE INDEX IF NOT EXISTS insured_by_citizen ON insured (citizen_id);
CREATE INDEX IF NOT EXISTS insured_by_household ON insured (household_number);
CREATE INDEX IF NOT EXISTS health_cards_by_insured ON health_cards (social_insurance_number, valid_from);
CREATE INDEX IF NOT EXISTS treatment_visits_by_insured ON treatment_visits (social_insurance_number, from_date);
