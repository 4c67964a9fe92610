-- The vault belongs to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- What identifies a purchase? The files carry no number for it, so the vault makes one from what the shop does tell:
-- who bought, at which minute, and - should the same customer buy twice in that minute - a running number among those
-- in the file (PURCHASE_NO, counted in the order of the lines).
--   * File name and line number are not part of it: a day that is sent again under a new ETag, sorted otherwise, with a
--     mended line or under a second name names the same purchases, and nothing grows.
--   * PURCHASE_NO is part of it: two equal purchases in one file are two purchases.
--   * The basket is not part of it: a corrected basket is a new version of the same purchase, not another one.
--   * Load time is not part of it: replaying a load gives the same keys.
-- When a day's file is replaced by one with other purchases (another seed over the same dates), the vault keeps both:
-- the old ones are history. Which of them the files hold now is told by the effectivity satellite below, and the
-- warehouse follows it, so that dimensions, facts and marts always answer for what is in S3.

-- Every purchase ever delivered, once: who, when, and which of that customer's purchases in that minute.
CREATE TABLE IF NOT EXISTS CONVEX_VAULT.HUB_TRANSACTION (
  HK_TRANSACTION BINARY(20) NOT NULL,
  CUSTOMER_ID VARCHAR NOT NULL,
  PURCHASED_AT TIMESTAMP_NTZ NOT NULL,
  PURCHASE_NO NUMBER(38, 0) NOT NULL,
  LOAD_DTS TIMESTAMP_LTZ NOT NULL,
  RECORD_SOURCE VARCHAR NOT NULL,
  CONSTRAINT PK_HUB_TRANSACTION PRIMARY KEY (HK_TRANSACTION)
)
COMMENT = 'Purchases by customer, minute and number within that minute';

-- What the shop told of a purchase: how many items the basket held.
CREATE TABLE IF NOT EXISTS CONVEX_VAULT.SAT_TRANSACTION (
  HK_TRANSACTION BINARY(20) NOT NULL,
  LOAD_DTS TIMESTAMP_LTZ NOT NULL,
  HASHDIFF BINARY(20) NOT NULL,
  BASKET_LINES NUMBER(38, 0) NOT NULL,
  RECORD_SOURCE VARCHAR NOT NULL,
  CONSTRAINT PK_SAT_TRANSACTION PRIMARY KEY (HK_TRANSACTION, LOAD_DTS)
)
COMMENT = 'Versions of a purchase''s details';

-- Which customer made which purchase.
CREATE TABLE IF NOT EXISTS CONVEX_VAULT.LINK_TRANSACTION_CUSTOMER (
  HK_TRANSACTION_CUSTOMER BINARY(20) NOT NULL,
  HK_TRANSACTION BINARY(20) NOT NULL,
  HK_CUSTOMER BINARY(20) NOT NULL,
  LOAD_DTS TIMESTAMP_LTZ NOT NULL,
  RECORD_SOURCE VARCHAR NOT NULL,
  CONSTRAINT PK_LINK_TRANSACTION_CUSTOMER PRIMARY KEY (HK_TRANSACTION_CUSTOMER)
)
COMMENT = 'A purchase and its customer';

-- Which product lay where in which basket. The line number tells two equal items in one basket apart.
CREATE TABLE IF NOT EXISTS CONVEX_VAULT.LINK_TRANSACTION_LINE (
  HK_TRANSACTION_LINE BINARY(20) NOT NULL,
  HK_TRANSACTION BINARY(20) NOT NULL,
  HK_PRODUCT BINARY(20) NOT NULL,
  LINE_NO NUMBER(38, 0) NOT NULL,
  LOAD_DTS TIMESTAMP_LTZ NOT NULL,
  RECORD_SOURCE VARCHAR NOT NULL,
  CONSTRAINT PK_LINK_TRANSACTION_LINE PRIMARY KEY (HK_TRANSACTION_LINE)
)
COMMENT = 'A purchase and a product; LINE_NO is the dependent child key';

-- What was paid for a basket line, every version.
CREATE TABLE IF NOT EXISTS CONVEX_VAULT.SAT_TRANSACTION_LINE (
  HK_TRANSACTION_LINE BINARY(20) NOT NULL,
  LOAD_DTS TIMESTAMP_LTZ NOT NULL,
  HASHDIFF BINARY(20) NOT NULL,
  PRICE NUMBER(12, 2) NOT NULL,
  RECORD_SOURCE VARCHAR NOT NULL,
  CONSTRAINT PK_SAT_TRANSACTION_LINE PRIMARY KEY (HK_TRANSACTION_LINE, LOAD_DTS)
)
COMMENT = 'Versions of a basket line''s price';

-- Whether the files still hold a basket line. A day that is sent again can take lines back; the vault notes it.
CREATE TABLE IF NOT EXISTS CONVEX_VAULT.EFFSAT_TRANSACTION_LINE (
  HK_TRANSACTION_LINE BINARY(20) NOT NULL,
  LOAD_DTS TIMESTAMP_LTZ NOT NULL,
  IS_DELIVERED BOOLEAN NOT NULL,
  FILE_CONTENT_KEY VARCHAR,
  RECORD_SOURCE VARCHAR NOT NULL,
  CONSTRAINT PK_EFFSAT_TRANSACTION_LINE PRIMARY KEY (HK_TRANSACTION_LINE, LOAD_DTS)
)
COMMENT = 'When a basket line was delivered and when it was taken back';

-- Today's answer for every basket line ever seen: its latest price, and whether the files still hold it.
CREATE OR REPLACE VIEW CONVEX_VAULT.LATEST_TRANSACTION_LINE
COMMENT = 'Basket lines with their latest price and whether they are still delivered'
AS
SELECT
  L.HK_TRANSACTION_LINE,
  L.HK_TRANSACTION,
  L.HK_PRODUCT,
  L.LINE_NO,
  S.PRICE,
  E.IS_DELIVERED
FROM CONVEX_VAULT.LINK_TRANSACTION_LINE AS L
INNER JOIN (
  SELECT
    HK_TRANSACTION_LINE,
    PRICE
  FROM CONVEX_VAULT.SAT_TRANSACTION_LINE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY HK_TRANSACTION_LINE ORDER BY LOAD_DTS DESC) = 1
) AS S
  ON L.HK_TRANSACTION_LINE = S.HK_TRANSACTION_LINE
INNER JOIN (
  SELECT
    HK_TRANSACTION_LINE,
    IS_DELIVERED
  FROM CONVEX_VAULT.EFFSAT_TRANSACTION_LINE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY HK_TRANSACTION_LINE ORDER BY LOAD_DTS DESC) = 1
) AS E
  ON L.HK_TRANSACTION_LINE = E.HK_TRANSACTION_LINE;
