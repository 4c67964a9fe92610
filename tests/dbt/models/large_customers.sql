select distinct customer_id from {{ ref('large_orders') }}
