-- Tasks belong to the pipeline's role, and run as it.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- Unfold the purchases: one row for every item in a basket. What cannot be right goes to the rejected rows instead,
-- whole purchases at a time, with the reason. Which files came is noted, whatever was in them.
CREATE OR REPLACE TASK CONVEX_CONTROL.FLATTEN_TRANSACTIONS
  WAREHOUSE = CONVEX_WH
  COMMENT = 'Unfolds new purchases into basket lines with hash keys'
  AFTER CONVEX_CONTROL.LOAD_CONVEX
AS
BEGIN
  BEGIN TRANSACTION;
  LET ROWS_IN NUMBER := (SELECT COUNT(*) FROM CONVEX_STAGE.RAW_TRANSACTIONS_STREAM);
  INSERT ALL
    WHEN FAULT IS NULL THEN
      INTO CONVEX_STAGE.STG_TRANSACTION_LINE (
        HK_TRANSACTION_LINE, HK_TRANSACTION, HK_TRANSACTION_CUSTOMER, HK_CUSTOMER, HK_PRODUCT,
        CUSTOMER_ID, PURCHASED_AT, PURCHASE_NO, BASKET_LINES, LINE_NO, PRODUCT_ID, PRICE,
        HASHDIFF_TRANSACTION, HASHDIFF_LINE, FILE_NAME, FILE_ROW_NUMBER, FILE_CONTENT_KEY, LOAD_DTS
      )
      VALUES (
        HK_TRANSACTION_LINE, HK_TRANSACTION, HK_TRANSACTION_CUSTOMER, HK_CUSTOMER, HK_PRODUCT,
        CUSTOMER_ID, PURCHASED_AT, PURCHASE_NO, BASKET_LINES, LINE_NO, PRODUCT_ID, PRICE,
        HASHDIFF_TRANSACTION, HASHDIFF_LINE, FILE_NAME, FILE_ROW_NUMBER, FILE_CONTENT_KEY, LOADED_AT
      )
    WHEN FAULT IS NOT NULL AND COALESCE(LINE_NO, 1) = 1 THEN
      INTO CONVEX_CONTROL.REJECTED_ROW (FILE_NAME, FILE_ROW_NUMBER, REASON, PAYLOAD, LOADED_AT)
      VALUES (FILE_NAME, FILE_ROW_NUMBER, REASON, PAYLOAD, LOADED_AT)
  SELECT
    SHA1_BINARY(
      K.TRANSACTION_TEXT
      || '||' || CONVEX_STAGE.HASH_PART(K.PRODUCT_ID)
      || '||' || CONVEX_STAGE.HASH_PART(K.LINE_NO::VARCHAR)
    ) AS HK_TRANSACTION_LINE,
    SHA1_BINARY(K.TRANSACTION_TEXT) AS HK_TRANSACTION,
    SHA1_BINARY(K.TRANSACTION_TEXT || '||' || CONVEX_STAGE.HASH_PART(K.CUSTOMER_ID)) AS HK_TRANSACTION_CUSTOMER,
    SHA1_BINARY(CONVEX_STAGE.HASH_PART(K.CUSTOMER_ID)) AS HK_CUSTOMER,
    SHA1_BINARY(CONVEX_STAGE.HASH_PART(K.PRODUCT_ID)) AS HK_PRODUCT,
    SHA1_BINARY(CONVEX_STAGE.HASH_PART(K.BASKET_LINES::VARCHAR)) AS HASHDIFF_TRANSACTION,
    SHA1_BINARY(CONVEX_STAGE.HASH_PART(K.PRICE::VARCHAR)) AS HASHDIFF_LINE,
    K.CUSTOMER_ID,
    K.PURCHASED_AT,
    K.PURCHASE_NO,
    K.BASKET_LINES,
    K.LINE_NO,
    K.PRODUCT_ID,
    K.PRICE,
    K.FILE_NAME,
    K.FILE_ROW_NUMBER,
    K.FILE_CONTENT_KEY,
    K.LOADED_AT,
    K.FAULT,
    DECODE(
      K.FAULT,
      1, 'encoding: the line is not UTF-8',
      2, 'malformed: the line is not a JSON document',
      3, 'missing_key: customer, basket, date, product or price is not there',
      4, 'null: customer, basket, date, product or price is null',
      5, 'empty: an id, the date or the basket is empty',
      6, 'wrong_type: a value is not of its type, or the date is none'
    ) AS REASON,
    CASE WHEN K.FAULT IS NOT NULL THEN COALESCE(K.LINE_TEXT, K.RECORD::VARCHAR) END AS PAYLOAD
  FROM (
    -- Basket lines, with the purchase's key as text. One line that cannot be right makes the whole purchase wrong.
    SELECT
      L.*,
      CONVEX_STAGE.HASH_PART(L.CUSTOMER_ID)
      || '||' || CONVEX_STAGE.HASH_PART(TO_VARCHAR(L.PURCHASED_AT, 'YYYY-MM-DD HH24:MI:SS'))
      || '||' || L.PURCHASE_NO::VARCHAR AS TRANSACTION_TEXT,
      COALESCE(
        L.PURCHASE_FAULT,
        MIN(
          CASE
            WHEN L.PRODUCT_ID IS NOT NULL AND L.PRICE IS NOT NULL THEN NULL
            WHEN L.ITEM:product_id IS NULL OR L.ITEM:price IS NULL THEN 3
            WHEN IS_NULL_VALUE(L.ITEM:product_id) OR IS_NULL_VALUE(L.ITEM:price) THEN 4
            WHEN TRIM(L.ITEM:product_id::VARCHAR) = '' THEN 5
            ELSE 6
          END
        ) OVER (PARTITION BY L.FILE_NAME, L.LOADED_AT, L.FILE_ROW_NUMBER)
      ) AS FAULT
    FROM (
      -- Unfolded.
      SELECT
        T.*,
        F.INDEX + 1 AS LINE_NO,
        F.VALUE AS ITEM,
        CONVEX_STAGE.CLEAN_KEY(AS_VARCHAR(F.VALUE:product_id)) AS PRODUCT_ID,
        TRY_TO_NUMBER(AS_DECIMAL(F.VALUE:price, 38, 2)::VARCHAR, 12, 2) AS PRICE
      FROM (
        -- Purchases, numbered within the same customer and minute of the same delivery of a file.
        SELECT
          P.*,
          ARRAY_SIZE(P.BASKET) AS BASKET_LINES,
          ROW_NUMBER() OVER (
            PARTITION BY P.FILE_NAME, P.LOADED_AT, P.CUSTOMER_ID, P.PURCHASED_AT
            ORDER BY P.FILE_ROW_NUMBER
          ) AS PURCHASE_NO,
          CASE
            WHEN CONTAINS(COALESCE(P.LINE_TEXT, P.RECORD::VARCHAR), CHR(65533)) THEN 1
            WHEN P.RECORD IS NULL THEN 2
            WHEN P.CUSTOMER_ID IS NOT NULL AND P.PURCHASED_AT IS NOT NULL AND ARRAY_SIZE(P.BASKET) > 0 THEN NULL
            WHEN P.RECORD:customer_id IS NULL OR P.RECORD:basket IS NULL OR P.RECORD:date_of_purchase IS NULL THEN 3
            WHEN
              IS_NULL_VALUE(P.RECORD:customer_id)
              OR IS_NULL_VALUE(P.RECORD:basket)
              OR IS_NULL_VALUE(P.RECORD:date_of_purchase)
              THEN 4
            WHEN
              TRIM(P.RECORD:customer_id::VARCHAR) = ''
              OR ARRAY_SIZE(P.BASKET) = 0
              OR TRIM(P.RECORD:date_of_purchase::VARCHAR) = ''
              THEN 5
            ELSE 6
          END AS PURCHASE_FAULT
        FROM (
          -- The documents, each value read once.
          SELECT
            RECORD,
            LINE_TEXT,
            CONVEX_STAGE.CLEAN_KEY(AS_VARCHAR(RECORD:customer_id)) AS CUSTOMER_ID,
            TRY_TO_TIMESTAMP_NTZ(AS_VARCHAR(RECORD:date_of_purchase)) AS PURCHASED_AT,
            AS_ARRAY(RECORD:basket) AS BASKET,
            FILE_NAME,
            FILE_ROW_NUMBER,
            FILE_CONTENT_KEY,
            LOADED_AT
          FROM CONVEX_STAGE.RAW_TRANSACTIONS_STREAM
        ) AS P
      ) AS T,
      LATERAL FLATTEN(INPUT => T.BASKET, OUTER => TRUE) AS F
    ) AS L
  ) AS K;
  LET ROWS_OUT NUMBER := SQLROWCOUNT;
  INSERT INTO CONVEX_STAGE.DELIVERY (FILE_NAME, FILE_CONTENT_KEY, LOADED_AT)
  SELECT
    FILE_NAME,
    MAX(FILE_CONTENT_KEY),
    LOADED_AT
  FROM CONVEX_STAGE.RAW_TRANSACTIONS_STREAM
  GROUP BY
    FILE_NAME,
    LOADED_AT;
  COMMIT;
  LET REPORT VARCHAR := '{"rows_in":' || ROWS_IN || ',"rows_out":' || ROWS_OUT || '}';
  CALL SYSTEM$SET_RETURN_VALUE(:REPORT);
END;
