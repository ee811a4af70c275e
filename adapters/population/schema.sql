-- The population database as this adapter reads it. One text for SQLite and PostgreSQL: TEXT and integers only, dates as
-- yyyy-MM-dd (or yyyy-MM, yyyy, as far as known), instants as RFC 3339 in UTC. Absent values are NULL.
-- Tables first, indexes last: a bulk loader may run them apart.

-- One row a person. name_key is full_name in upper case without tone marks, Đ as D, and without anything but A-Z and 0-9.
-- gender, marital_status and life_status are the numbers of the enums in ndx/population/v1/citizen.proto.
CREATE TABLE IF NOT EXISTS people (
  citizen_id TEXT NOT NULL PRIMARY KEY,
  identity_card TEXT,
  full_name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  gender INTEGER NOT NULL,
  birth_date TEXT NOT NULL,
  birth_year INTEGER NOT NULL,
  ethnicity_code TEXT,
  religion_code TEXT,
  marital_status INTEGER NOT NULL,
  blood_group_code TEXT,
  nationality_code TEXT,
  birth_province_code TEXT,
  birth_district_code TEXT,
  birth_commune_code TEXT,
  birth_detail TEXT,
  birth_country_code TEXT,
  home_province_code TEXT,
  home_district_code TEXT,
  home_commune_code TEXT,
  home_detail TEXT,
  home_country_code TEXT,
  permanent_province_code TEXT,
  permanent_district_code TEXT,
  permanent_commune_code TEXT,
  permanent_detail TEXT,
  permanent_country_code TEXT,
  current_province_code TEXT,
  current_district_code TEXT,
  current_commune_code TEXT,
  current_detail TEXT,
  current_country_code TEXT,
  father_name TEXT,
  father_citizen_id TEXT,
  father_identity_card TEXT,
  father_nationality_code TEXT,
  mother_name TEXT,
  mother_citizen_id TEXT,
  mother_identity_card TEXT,
  mother_nationality_code TEXT,
  spouse_name TEXT,
  spouse_citizen_id TEXT,
  spouse_identity_card TEXT,
  spouse_nationality_code TEXT,
  representative_name TEXT,
  representative_citizen_id TEXT,
  representative_identity_card TEXT,
  representative_nationality_code TEXT,
  household_number TEXT,
  relation_code TEXT,
  life_status INTEGER NOT NULL
);

-- One row a household; the head is one of its people (relation_code CH01).
CREATE TABLE IF NOT EXISTS households (
  household_number TEXT NOT NULL PRIMARY KEY,
  head_citizen_id TEXT NOT NULL,
  province_code TEXT,
  district_code TEXT,
  commune_code TEXT,
  detail TEXT,
  country_code TEXT
);

-- Requests for lists (yêu cầu cung cấp danh sách). state is the number of CitizenListState; caller is who may ask for it.
CREATE TABLE IF NOT EXISTS citizen_lists (
  request_number TEXT NOT NULL PRIMARY KEY,
  caller TEXT NOT NULL,
  state INTEGER NOT NULL,
  submitted_at TEXT NOT NULL,
  finished_at TEXT,
  citizen_count BIGINT NOT NULL,
  province_code TEXT NOT NULL,
  commune_code TEXT NOT NULL,
  birth_year_from INTEGER NOT NULL,
  birth_year_to INTEGER NOT NULL,
  gender INTEGER NOT NULL,
  ethnicity_code TEXT NOT NULL,
  religion_code TEXT NOT NULL,
  blood_group_code TEXT NOT NULL
);

-- Who is in a finished list.
CREATE TABLE IF NOT EXISTS citizen_list_items (
  request_number TEXT NOT NULL,
  citizen_id TEXT NOT NULL,
  PRIMARY KEY (request_number, citizen_id)
);

-- The answer given to each change, by idempotency key; written in the transaction of the change itself.
CREATE TABLE IF NOT EXISTS kept_answers (
  idempotency_key TEXT NOT NULL PRIMARY KEY,
  method TEXT NOT NULL,
  request_digest TEXT NOT NULL,
  answer_base64 TEXT NOT NULL,
  kept_at TEXT NOT NULL
);

CREATE INDEX IF NOT EXISTS people_by_identity_card ON people (identity_card);
CREATE INDEX IF NOT EXISTS people_by_household ON people (household_number);
CREATE INDEX IF NOT EXISTS people_by_commune ON people (permanent_province_code, permanent_commune_code);
CREATE INDEX IF NOT EXISTS citizen_lists_by_caller ON citizen_lists (caller, submitted_at);
CREATE INDEX IF NOT EXISTS citizen_lists_by_state ON citizen_lists (state);
