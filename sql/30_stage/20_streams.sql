-- The streams belong to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- A stream is a bookmark: it remembers which customer rows have been read, and moves on only if the reading succeeds.
CREATE STREAM IF NOT EXISTS CONVEX_STAGE.RAW_CUSTOMERS_STREAM
  ON TABLE CONVEX_STAGE.RAW_CUSTOMERS
  APPEND_ONLY = TRUE
  COMMENT = 'New customer rows for the vault';

-- The bookmark in the product rows.
CREATE STREAM IF NOT EXISTS CONVEX_STAGE.RAW_PRODUCTS_STREAM
  ON TABLE CONVEX_STAGE.RAW_PRODUCTS
  APPEND_ONLY = TRUE
  COMMENT = 'New product rows for the vault';

-- The bookmark in the purchases.
CREATE STREAM IF NOT EXISTS CONVEX_STAGE.RAW_TRANSACTIONS_STREAM
  ON TABLE CONVEX_STAGE.RAW_TRANSACTIONS
  APPEND_ONLY = TRUE
  COMMENT = 'New purchases to unfold';

-- Basket lines are read by four tasks side by side. Each has a bookmark of its own, so none waits for another.
-- This one is for the purchases themselves.
CREATE STREAM IF NOT EXISTS CONVEX_STAGE.LINES_FOR_TRANSACTION_STREAM
  ON TABLE CONVEX_STAGE.STG_TRANSACTION_LINE
  APPEND_ONLY = TRUE
  COMMENT = 'New basket lines for VAULT_TRANSACTION';

-- This bookmark is for customers whom a purchase names before any customer list does.
CREATE STREAM IF NOT EXISTS CONVEX_STAGE.LINES_FOR_CUSTOMER_STREAM
  ON TABLE CONVEX_STAGE.STG_TRANSACTION_LINE
  APPEND_ONLY = TRUE
  COMMENT = 'New basket lines for VAULT_CUSTOMER';

-- And this one for products that a purchase names before any product list does.
CREATE STREAM IF NOT EXISTS CONVEX_STAGE.LINES_FOR_PRODUCT_STREAM
  ON TABLE CONVEX_STAGE.STG_TRANSACTION_LINE
  APPEND_ONLY = TRUE
  COMMENT = 'New basket lines for VAULT_PRODUCT';

-- The last one notices when a day is sent again and a basket line is no longer in it.
CREATE STREAM IF NOT EXISTS CONVEX_STAGE.LINES_FOR_DELIVERY_STREAM
  ON TABLE CONVEX_STAGE.STG_TRANSACTION_LINE
  APPEND_ONLY = TRUE
  COMMENT = 'New basket lines for VAULT_DELIVERY';

-- That task must know of every delivery, also of one that brought nothing.
CREATE STREAM IF NOT EXISTS CONVEX_STAGE.DELIVERY_STREAM
  ON TABLE CONVEX_STAGE.DELIVERY
  APPEND_ONLY = TRUE
  COMMENT = 'New deliveries for VAULT_DELIVERY';
