-- The pipeline's transformations from stage to marts as one would write them by hand for DuckDB: the same keys, the same
-- rules (whole purchases refused, insert-only vault, versions by hashdiff, deliveries, points in time, SCD2), the same
-- tables. What the starter's data does not have (personal data, offers) is left out. Statements are parted by empty lines.

INSERT INTO stg_line
SELECT sha1(tx || '||' || product_id || '||' || line_no) AS hk_line, sha1(tx) AS hk_tx,
  sha1(tx || '||' || customer_id) AS hk_tx_customer, sha1(customer_id) AS hk_customer, sha1(product_id) AS hk_product,
  customer_id, purchased_at, purchase_no, basket_lines, line_no, product_id, price,
  sha1(basket_lines::VARCHAR) AS hd_tx, sha1(price::VARCHAR) AS hd_line, file, file_row, content_key, loaded_at
FROM (
  SELECT *, customer_id || '||' || strftime(purchased_at, '%Y-%m-%d %H:%M:%S') || '||' || purchase_no AS tx,
    bool_or(product_id IS NULL OR price IS NULL) OVER (PARTITION BY file, loaded_at, file_row) AS spoilt
  FROM (
    SELECT customer_id, purchased_at, purchase_no, file, file_row, content_key, loaded_at,
      json_array_length(record, '$.basket') AS basket_lines,
      unnest(range(1, json_array_length(record, '$.basket')::BIGINT + 1)) AS line_no,
      unnest(CAST(record -> '$.basket' AS JSON[])) AS item,
      nullif(upper(trim(item ->> '$.product_id')), '') AS product_id,
      try_cast(item ->> '$.price' AS DECIMAL(12, 2)) AS price
    FROM (
      SELECT *, row_number() OVER (PARTITION BY file, loaded_at, customer_id, purchased_at ORDER BY file_row) AS purchase_no
      FROM (
        SELECT record, nullif(upper(trim(record ->> '$.customer_id')), '') AS customer_id,
          try_cast(record ->> '$.date_of_purchase' AS TIMESTAMP) AS purchased_at, file, file_row, content_key, loaded_at
        FROM raw_transactions
      )
    )
  )
)
WHERE customer_id IS NOT NULL AND purchased_at IS NOT NULL AND NOT spoilt;

CREATE TEMP TABLE new_customer AS
SELECT customer_id, hk, loyalty, hd, loaded_at, file, rank,
  row_number() OVER (PARTITION BY hk ORDER BY loaded_at, rank) AS key_row,
  lag(hd) OVER (PARTITION BY hk, rank ORDER BY loaded_at) AS previous
FROM (
  SELECT upper(trim(customer_id)) AS customer_id, sha1(upper(trim(customer_id))) AS hk, loyalty,
    sha1(coalesce(loyalty::VARCHAR, '^^')) AS hd, loaded_at, file, 1 AS rank
  FROM raw_customers
  QUALIFY row_number() OVER (PARTITION BY upper(trim(customer_id)), loaded_at ORDER BY file DESC, file_row DESC) = 1
  UNION ALL
  SELECT customer_id, hk_customer, NULL, NULL, min(loaded_at), arg_min(file, loaded_at), 2 FROM stg_line
  GROUP BY customer_id, hk_customer
);

INSERT INTO hub_customer
SELECT n.hk, n.customer_id, n.loaded_at, n.file FROM new_customer n
WHERE n.key_row = 1 AND NOT EXISTS (FROM hub_customer h WHERE h.hk = n.hk);

INSERT INTO sat_customer
SELECT n.hk, n.loaded_at, n.hd, n.loyalty, n.file FROM new_customer n
LEFT JOIN (SELECT hk, hd FROM sat_customer QUALIFY row_number() OVER (PARTITION BY hk ORDER BY loaded_at DESC) = 1) s ON s.hk = n.hk
WHERE n.rank = 1 AND n.hd IS DISTINCT FROM coalesce(n.previous, s.hd);

CREATE TEMP TABLE new_product AS
SELECT product_id, hk, description, category, hd, loaded_at, file, rank,
  row_number() OVER (PARTITION BY hk ORDER BY loaded_at, rank) AS key_row,
  lag(hd) OVER (PARTITION BY hk, rank ORDER BY loaded_at) AS previous
FROM (
  SELECT upper(trim(product_id)) AS product_id, sha1(upper(trim(product_id))) AS hk, description, category,
    sha1(coalesce(description, '^^') || '||' || coalesce(category, '^^')) AS hd, loaded_at, file, 1 AS rank
  FROM raw_products
  UNION ALL
  SELECT product_id, hk_product, NULL, NULL, NULL, min(loaded_at), arg_min(file, loaded_at), 2 FROM stg_line
  GROUP BY product_id, hk_product
);

INSERT INTO hub_product
SELECT n.hk, n.product_id, n.loaded_at, n.file FROM new_product n
WHERE n.key_row = 1 AND NOT EXISTS (FROM hub_product h WHERE h.hk = n.hk);

INSERT INTO sat_product
SELECT n.hk, n.loaded_at, n.hd, n.description, n.category, n.file FROM new_product n
LEFT JOIN (SELECT hk, hd FROM sat_product QUALIFY row_number() OVER (PARTITION BY hk ORDER BY loaded_at DESC) = 1) s ON s.hk = n.hk
WHERE n.rank = 1 AND n.hd IS DISTINCT FROM coalesce(n.previous, s.hd);

CREATE TEMP TABLE new_line AS
SELECT b.*, b.tx_row = 1 AND h.hk IS NULL AS is_tx,
  b.hd_tx IS DISTINCT FROM coalesce(b.previous_tx, st.hd) AS is_tx_version,
  b.line_row = 1 AND l.hk IS NULL AS is_line,
  b.hd_line IS DISTINCT FROM coalesce(b.previous_line, sl.hd) AS is_line_version
FROM (
  SELECT *, row_number() OVER (PARTITION BY hk_tx ORDER BY loaded_at, line_no, hk_product) AS tx_row,
    lag(hd_tx) OVER (PARTITION BY hk_tx ORDER BY loaded_at, line_no, hk_product) AS previous_tx,
    row_number() OVER (PARTITION BY hk_line ORDER BY loaded_at) AS line_row,
    lag(hd_line) OVER (PARTITION BY hk_line ORDER BY loaded_at) AS previous_line
  FROM (FROM stg_line QUALIFY file = max(file) OVER (PARTITION BY hk_tx, loaded_at))
) b
LEFT JOIN hub_transaction h ON h.hk = b.hk_tx
LEFT JOIN link_line l ON l.hk = b.hk_line
LEFT JOIN (SELECT hk, hd FROM sat_transaction QUALIFY row_number() OVER (PARTITION BY hk ORDER BY loaded_at DESC) = 1) st ON st.hk = b.hk_tx
LEFT JOIN (SELECT hk, hd FROM sat_line QUALIFY row_number() OVER (PARTITION BY hk ORDER BY loaded_at DESC) = 1) sl ON sl.hk = b.hk_line;

INSERT INTO hub_transaction SELECT hk_tx, customer_id, purchased_at, purchase_no, loaded_at, file FROM new_line WHERE is_tx;

INSERT INTO link_tx_customer SELECT hk_tx_customer, hk_tx, hk_customer, loaded_at, file FROM new_line WHERE is_tx;

INSERT INTO sat_transaction SELECT hk_tx, loaded_at, hd_tx, basket_lines, file FROM new_line WHERE is_tx_version;

INSERT INTO link_line SELECT hk_line, hk_tx, hk_product, line_no, loaded_at, file FROM new_line WHERE is_line;

INSERT INTO sat_line SELECT hk_line, loaded_at, hd_line, price, file FROM new_line WHERE is_line_version;

INSERT INTO effsat_line
SELECT a.hk_line, a.loaded_at, true, a.content_key, a.file
FROM (
  SELECT hk_line, loaded_at, content_key, file FROM stg_line
  QUALIFY loaded_at = max(loaded_at) OVER (PARTITION BY file)
    AND row_number() OVER (PARTITION BY hk_line ORDER BY loaded_at DESC, file DESC) = 1
) a
LEFT JOIN (
  SELECT hk_line, delivered FROM effsat_line QUALIFY row_number() OVER (PARTITION BY hk_line ORDER BY loaded_at DESC) = 1
) k ON k.hk_line = a.hk_line
WHERE NOT coalesce(k.delivered, false);

INSERT INTO pit_customer
SELECT hk, moment, max(sat_at) OVER (PARTITION BY hk ORDER BY moment)
FROM (
  SELECT hk, moment, max(sat_at) AS sat_at
  FROM (
    SELECT hk, loaded_at AS moment, NULL::TIMESTAMP AS sat_at FROM hub_customer
    UNION ALL SELECT hk, loaded_at, loaded_at FROM sat_customer
  )
  GROUP BY hk, moment
);

INSERT INTO pit_product
SELECT hk, moment, max(sat_at) OVER (PARTITION BY hk ORDER BY moment)
FROM (
  SELECT hk, moment, max(sat_at) AS sat_at
  FROM (
    SELECT hk, loaded_at AS moment, NULL::TIMESTAMP AS sat_at FROM hub_product
    UNION ALL SELECT hk, loaded_at, loaded_at FROM sat_product
  )
  GROUP BY hk, moment
);

MERGE INTO dim_customer d USING (
  SELECT h.hk, h.customer_id, s.loyalty,
    if(row_number() OVER w = 1, TIMESTAMP '1900-01-01', s.loaded_at) AS valid_from,
    coalesce(lead(s.loaded_at) OVER w, TIMESTAMP '9999-12-31') AS valid_to,
    lead(s.loaded_at) OVER w IS NULL AS is_current
  FROM (SELECT DISTINCT hk, sat_at FROM pit_customer QUALIFY sat_at IS NOT NULL OR count(*) OVER (PARTITION BY hk) = 1) p
  JOIN hub_customer h ON h.hk = p.hk LEFT JOIN sat_customer s ON s.hk = p.hk AND s.loaded_at = p.sat_at WINDOW w AS (PARTITION BY h.hk ORDER BY s.loaded_at)
) n ON d.hk = n.hk AND d.valid_from = n.valid_from
WHEN MATCHED AND (d.valid_to <> n.valid_to OR d.loyalty IS DISTINCT FROM n.loyalty)
  THEN UPDATE SET loyalty = n.loyalty, valid_to = n.valid_to, is_current = n.is_current
WHEN NOT MATCHED THEN INSERT VALUES (n.hk, n.customer_id, n.loyalty, n.valid_from, n.valid_to, n.is_current);

MERGE INTO dim_product d USING (
  SELECT h.hk, h.product_id, s.description, s.category,
    if(row_number() OVER w = 1, TIMESTAMP '1900-01-01', s.loaded_at) AS valid_from,
    coalesce(lead(s.loaded_at) OVER w, TIMESTAMP '9999-12-31') AS valid_to,
    lead(s.loaded_at) OVER w IS NULL AS is_current
  FROM (SELECT DISTINCT hk, sat_at FROM pit_product QUALIFY sat_at IS NOT NULL OR count(*) OVER (PARTITION BY hk) = 1) p
  JOIN hub_product h ON h.hk = p.hk LEFT JOIN sat_product s ON s.hk = p.hk AND s.loaded_at = p.sat_at WINDOW w AS (PARTITION BY h.hk ORDER BY s.loaded_at)
) n ON d.hk = n.hk AND d.valid_from = n.valid_from
WHEN MATCHED AND d.valid_to <> n.valid_to THEN UPDATE SET valid_to = n.valid_to, is_current = n.is_current
WHEN NOT MATCHED THEN
  INSERT VALUES (n.hk, n.product_id, n.description, n.category, n.valid_from, n.valid_to, n.is_current);

INSERT INTO dim_date
SELECT d, year(d), quarter(d), month(d), day(d), isodow(d), dayname(d), isodow(d) >= 6
FROM (
  SELECT unnest(range(date_trunc('year', min(purchased_at)), date_trunc('year', max(purchased_at)) + INTERVAL 1 YEAR, INTERVAL 1 DAY))::DATE AS d
  FROM hub_transaction
)
WHERE d NOT IN (SELECT date_key FROM dim_date);

MERGE INTO fact_line f USING (
  SELECT l.hk, l.hk_tx, c.hk_customer, l.hk_product, h.purchased_at, l.line_no, s.price, e.delivered
  FROM link_line l
  JOIN (SELECT hk, price FROM sat_line QUALIFY row_number() OVER (PARTITION BY hk ORDER BY loaded_at DESC) = 1) s ON s.hk = l.hk
  JOIN (SELECT hk_line, delivered FROM effsat_line QUALIFY row_number() OVER (PARTITION BY hk_line ORDER BY loaded_at DESC) = 1) e ON e.hk_line = l.hk
  JOIN hub_transaction h ON h.hk = l.hk_tx
  JOIN link_tx_customer c ON c.hk_tx = l.hk_tx
) n ON f.hk = n.hk
WHEN MATCHED AND NOT n.delivered THEN DELETE
WHEN MATCHED AND f.price <> n.price THEN UPDATE SET price = n.price, amount = f.quantity * n.price
WHEN NOT MATCHED AND n.delivered THEN
  INSERT VALUES (n.hk, n.hk_tx, n.hk_customer, n.hk_product, n.purchased_at::DATE, n.purchased_at, n.line_no, 1, n.price, n.price);

INSERT INTO mart_customer_purchases
SELECT c.customer_id, c.loyalty, p.product_id, p.category, f.n
FROM (SELECT hk_customer, hk_product, sum(quantity) AS n FROM fact_line GROUP BY ALL) f JOIN dim_customer c ON f.hk_customer = c.hk AND c.is_current
JOIN dim_product p ON f.hk_product = p.hk AND p.is_current;

INSERT INTO mart_daily_sales
SELECT d.date_key, d.weekday_name, f.* EXCLUDE (date_key)
FROM (
  SELECT date_key, count(DISTINCT hk_tx), sum(quantity), count(DISTINCT hk_customer), sum(amount)
  FROM fact_line GROUP BY date_key
) f
JOIN dim_date d ON f.date_key = d.date_key;

INSERT INTO mart_category_loyalty
SELECT p.category, c.loyalty, count(DISTINCT f.hk_customer), count(DISTINCT f.hk_tx), sum(f.quantity), sum(f.amount),
  round(sum(f.amount) / sum(f.quantity), 2)
FROM fact_line f JOIN dim_customer c ON f.hk_customer = c.hk AND c.is_current
JOIN dim_product p ON f.hk_product = p.hk AND p.is_current
GROUP BY p.category, c.loyalty;

INSERT INTO mart_customer_rfm
SELECT c.customer_id, c.loyalty, f.first_day, f.last_day, max(f.last_day) OVER () - f.last_day, f.frequency, f.monetary,
  ntile(5) OVER (ORDER BY f.last_day, c.customer_id), ntile(5) OVER (ORDER BY f.frequency, c.customer_id),
  ntile(5) OVER (ORDER BY f.monetary, c.customer_id)
FROM (
  SELECT hk_customer, min(date_key) AS first_day, max(date_key) AS last_day, count(DISTINCT hk_tx) AS frequency,
    sum(amount) AS monetary
  FROM fact_line GROUP BY hk_customer
) f
JOIN dim_customer c ON f.hk_customer = c.hk AND c.is_current;
