"""Finds the faults in generated files again, from the files alone, and prints them as the ledger writes them.

    recount_faults.py FOLDER

Reads customers and products from their CSV files, looks at every file of transactions, and prints one JSON object for
each fault: file, line (null for a whole file), kind. Plain Python; shares nothing with the generator.
"""

import collections
import csv
import gzip
import json
import pathlib
import re
import sys

TIME = re.compile(r"^(\d{4}-\d{2}-\d{2}) \d{2}:\d{2}:\d{2}$")
KEYS = ("customer_id", "basket", "date_of_purchase")


def ids(root, name, column):
    """The known ids, from the file or from a folder of parts."""
    paths = [root / f"{name}.csv", *sorted((root / name).glob("*.csv"))]
    found = set()
    for path in paths:
        if path.exists():
            with path.open(newline="") as lines:
                found.update(row[column] for row in csv.DictReader(lines))
    return found


def contents(path):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as file:
        return file.read()


def fault_of(raw, customers, products, day, drifted):
    """The kind of fault of one line, or None. `day` is the file's."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return "encoding"
    try:
        row = json.loads(text)
    except ValueError:
        return "malformed"
    if any(key not in row for key in KEYS):
        return "missing_key"
    values = [row[key] for key in KEYS]
    basket = row["basket"]
    items = basket if isinstance(basket, list) else []
    fields = values + [item[key] for item in items for key in ("product_id", "price")]
    if any(field is None for field in fields):
        return "null"
    if any(field in ("", []) for field in fields):
        return "empty"
    typed = (
        isinstance(row["customer_id"], str)
        and isinstance(basket, list)
        and isinstance(row["date_of_purchase"], str)
        and all(isinstance(item["product_id"], str) and type(item["price"]) is int for item in items)
    )
    if not typed or not TIME.match(row["date_of_purchase"]):
        return "wrong_type"
    if row["customer_id"] not in customers:
        return "unknown_customer"
    if any(item["product_id"] not in products for item in items):
        return "unknown_product"
    if row["date_of_purchase"][:10] != day:
        return "clock_skew"
    if set(row) - set(KEYS) and not drifted:
        return "schema_drift_in_one_row"
    return None


def readable(raw):
    try:
        row = json.loads(raw)
        return row if isinstance(row, dict) else {}
    except ValueError:
        return {}


def dates(rows):
    found = (str(row.get("date_of_purchase") or "")[:10] for row in rows)
    return collections.Counter(date for date in found if date)


def look_at(path, name, seen, customers, products):
    data = contents(path)
    folder = path.parent.name.removeprefix("d=")
    if not data:
        yield {"file": name, "line": None, "kind": "empty_file"}
        return
    if data in seen:
        yield {"file": name, "line": None, "kind": "duplicate_file"}
    seen.add(data)
    lines = data.split(b"\n")
    last = lines.pop()
    rows = [readable(line) for line in lines]
    found = dates(rows)
    day = next((date for date, n in found.items() if 2 * n > found.total()), folder)
    if day < folder:
        yield {"file": name, "line": None, "kind": "late_file"}
    more = sum(1 for row in rows if set(row) - set(KEYS))
    drifted = more * 2 > len(rows)
    if drifted:
        yield {"file": name, "line": None, "kind": "schema_drift"}
    before = None
    for number, line in enumerate(lines, 1):
        if line == before:
            yield {"file": name, "line": number, "kind": "duplicate_row"}
        before = line
        kind = fault_of(line, customers, products, day, drifted)
        if kind:
            yield {"file": name, "line": number, "kind": kind}
    if last:
        yield {"file": name, "line": len(lines) + 1, "kind": "truncated_file"}


def main():
    root = pathlib.Path(sys.argv[1])
    customers, products = ids(root, "customers", "customer_id"), ids(root, "products", "product_id")
    seen = set()
    # A copy's name sorts before its original's: shorter names first.
    paths = sorted((root / "transactions").glob("d=*/transactions*"), key=lambda p: (p.parent, len(p.name), p.name))
    for path in paths:
        for fault in look_at(path, path.relative_to(root).as_posix(), seen, customers, products):
            print(json.dumps(fault))


if __name__ == "__main__":
    main()
