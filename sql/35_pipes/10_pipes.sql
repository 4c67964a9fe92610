-- The pipes belong to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

{% set sources = ['CUSTOMERS', 'PRODUCTS', 'TRANSACTIONS'] %}
{% if load_by == 'pipe' %}
-- Files are loaded by pipes, which the load makes. A load must be able to wait until they have loaded what was sent to them.
CREATE OR REPLACE PROCEDURE CONVEX_STAGE.AWAIT_PIPES()
RETURNS VARCHAR
LANGUAGE SQL
COMMENT = 'Returns when no file waits for a pipe, or after an hour'
AS
$$
DECLARE
  WAITING NUMBER;
BEGIN
  FOR TURN IN 1 TO 3600 DO
    WAITING := (
      SELECT
        PARSE_JSON(SYSTEM$PIPE_STATUS('CONVEX_INSURANCE.CONVEX_STAGE.CUSTOMERS_PIPE')):pendingFileCount::NUMBER
        + PARSE_JSON(SYSTEM$PIPE_STATUS('CONVEX_INSURANCE.CONVEX_STAGE.PRODUCTS_PIPE')):pendingFileCount::NUMBER
        + PARSE_JSON(SYSTEM$PIPE_STATUS('CONVEX_INSURANCE.CONVEX_STAGE.TRANSACTIONS_PIPE')):pendingFileCount::NUMBER
    );
    IF (WAITING = 0) THEN
      RETURN 'no file waits';
    END IF;
    SELECT SYSTEM$WAIT(1);
  END FOR;
  RETURN WAITING || ' files still wait';
END;
$$;
{% else %}
{% for source in sources %}

-- Files are loaded by COPY: there must be no pipe for {{ source | lower }} beside it.
DROP PIPE IF EXISTS CONVEX_STAGE.{{ source }}_PIPE;
{% endfor %}
{% endif %}
