-- Loading is done by the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- Note the files that were loaded and brought no row, so that the vault learns that what they held is gone.
INSERT INTO CONVEX_STAGE.DELIVERY (FILE_NAME, LOADED_AT)
SELECT
  H.FILE_NAME,
  H.LOADED_AT
FROM (
{% for source in ['CUSTOMERS', 'PRODUCTS', 'TRANSACTIONS'] %}
  SELECT
    CONVEX_STAGE.FILE_KEY(STAGE_LOCATION, FILE_NAME) AS FILE_NAME,
    LAST_LOAD_TIME AS LOADED_AT
  FROM TABLE(CONVEX_INSURANCE.INFORMATION_SCHEMA.COPY_HISTORY(
    TABLE_NAME => 'CONVEX_INSURANCE.CONVEX_STAGE.RAW_{{ source }}', START_TIME => DATEADD(DAY, -13, CURRENT_TIMESTAMP())
  ))
  WHERE ROW_PARSED = 0 AND STATUS = 'Loaded'
  {{ 'UNION ALL' if not loop.last else '' }}
{% endfor %}
) AS H
LEFT JOIN CONVEX_STAGE.DELIVERY AS D
  ON H.FILE_NAME = D.FILE_NAME
  AND H.LOADED_AT = D.LOADED_AT
WHERE D.FILE_NAME IS NULL;
