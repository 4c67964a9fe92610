-- The vault belongs to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- Rules of this vault. Tables are only ever added to. A hash key (HK_…) is the SHA-1 of the business key's parts,
-- trimmed and in upper case, with || between them; a hashdiff is the SHA-1 of the descriptive columns, with ^^ for a
-- missing value. LOAD_DTS is the moment at which the row landed in the raw table, so replaying a load gives the same
-- vault. RECORD_SOURCE is the file. Keys are declared for readers; Snowflake does not enforce them.

-- Every customer we have ever heard of, once.
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
