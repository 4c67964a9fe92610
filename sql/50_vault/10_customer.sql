-- The vault belongs to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- Rules of this vault. Tables are only ever added to. A hash key (HK_…) is the SHA-1 of the business key's parts,
-- trimmed and in upper case, with || between them and ^^ for a missing part; a hashdiff is the SHA-1 of the descriptive
-- columns, put together in the same way. LOAD_DTS is the moment at which the row landed in the raw table, so replaying
-- a load gives the same vault. RECORD_SOURCE is the file. Keys are declared for readers; nothing enforces them.

-- Every customer we have ever heard of, once: from the customer list or from a purchase, whichever came first.
CREATE TABLE IF NOT EXISTS CONVEX_VAULT.HUB_CUSTOMER (
  HK_CUSTOMER BINARY(20) NOT NULL,
  CUSTOMER_ID VARCHAR NOT NULL,
  LOAD_DTS TIMESTAMP_LTZ NOT NULL,
  RECORD_SOURCE VARCHAR NOT NULL,
  CONSTRAINT PK_HUB_CUSTOMER PRIMARY KEY (HK_CUSTOMER)
)
COMMENT = 'Customers by their id';

-- What we know of a customer. When the loyalty score changes, a new row is added and the old one stays as proof.
CREATE TABLE IF NOT EXISTS CONVEX_VAULT.SAT_CUSTOMER (
  HK_CUSTOMER BINARY(20) NOT NULL,
  LOAD_DTS TIMESTAMP_LTZ NOT NULL,
  HASHDIFF BINARY(20) NOT NULL,
  LOYALTY_SCORE NUMBER(10, 0),
  RECORD_SOURCE VARCHAR NOT NULL,
  CONSTRAINT PK_SAT_CUSTOMER PRIMARY KEY (HK_CUSTOMER, LOAD_DTS)
)
COMMENT = 'Versions of a customer''s details';

-- Who a customer is, kept apart from the score and behind the curtain. MORE holds columns that were not expected.
CREATE TABLE IF NOT EXISTS CONVEX_VAULT.SAT_CUSTOMER_PII (
  HK_CUSTOMER BINARY(20) NOT NULL,
  LOAD_DTS TIMESTAMP_LTZ NOT NULL,
  HASHDIFF BINARY(20) NOT NULL,
  NAME VARCHAR WITH MASKING POLICY CONVEX_VAULT.HIDE_TEXT,
  EMAIL VARCHAR WITH MASKING POLICY CONVEX_VAULT.HIDE_TEXT,
  BIRTH_DATE DATE WITH MASKING POLICY CONVEX_VAULT.HIDE_DATE,
  CITY VARCHAR WITH MASKING POLICY CONVEX_VAULT.HIDE_TEXT,
  JOINED_ON DATE WITH MASKING POLICY CONVEX_VAULT.HIDE_DATE,
  MORE VARIANT WITH MASKING POLICY CONVEX_VAULT.HIDE_MORE,
  RECORD_SOURCE VARCHAR NOT NULL,
  CONSTRAINT PK_SAT_CUSTOMER_PII PRIMARY KEY (HK_CUSTOMER, LOAD_DTS)
)
COMMENT = 'Versions of a customer''s personal data, masked';

-- For each moment at which anything about a customer changed, which row of each satellite was true. A customer without
-- a row in a satellite points to its ghost record, so that questions need no outer joins.
CREATE TABLE IF NOT EXISTS CONVEX_VAULT.PIT_CUSTOMER (
  HK_CUSTOMER BINARY(20) NOT NULL,
  SNAPSHOT_DTS TIMESTAMP_LTZ NOT NULL,
  SAT_CUSTOMER_HK BINARY(20) NOT NULL,
  SAT_CUSTOMER_DTS TIMESTAMP_LTZ NOT NULL,
  SAT_CUSTOMER_PII_HK BINARY(20) NOT NULL,
  SAT_CUSTOMER_PII_DTS TIMESTAMP_LTZ NOT NULL,
  CONSTRAINT PK_PIT_CUSTOMER PRIMARY KEY (HK_CUSTOMER, SNAPSHOT_DTS)
)
COMMENT = 'Point in time: the satellite rows of a customer at each change; can be rebuilt';
