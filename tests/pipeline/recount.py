"""What every layer of the pipeline must hold, computed from the files alone, as one JSON document.

    recount.py SNAPSHOT...

Each SNAPSHOT is a folder that looks as the bucket did at a load (convex-customers/…, convex-products/…,
convex-transactions/d=…/…); the loads follow each other. Plain Python; shares nothing with the pipeline's SQL or with Rust.
`counts` has rows by table, `marts` whole marts as lists of texts, `rejected` file, row and kind of each refused row.
"""

import calendar
import collections
import csv
import datetime
import decimal
import json
import pathlib
import sys

Line = collections.namedtuple("Line", "purchase product number")
CUSTOMER_COLUMNS = ("name", "email", "birth_date", "city", "joined_on")
PRODUCT_COLUMNS = ("brand", "unit", "list_price")


def clean(text):
    return text.strip(" ").upper() if isinstance(text, str) else ""


def half_up(number, places):
    return number.quantize(decimal.Decimal(1).scaleb(-places), rounding=decimal.ROUND_HALF_UP)


class Versions:
    """Versions of something by key: a value that equals the one before is none."""

    def __init__(self, nothing=None):
        self.of = {}
        self.nothing = nothing

    def add(self, key, value, load):
        before = self.of.get(key, [])
        if (before[-1][1] if before else self.nothing) != value:
            self.of[key] = [*before, (load, value)]

    def last(self, key):
        return self.of[key][-1][1] if key in self.of else self.nothing

    def count(self):
        return sum(len(versions) for versions in self.of.values())

    def loads(self, key):
        return {load for load, _ in self.of.get(key, [])}


class Pipeline:
    def __init__(self):
        self.raw = collections.Counter()
        self.rejected = []
        self.customers, self.products, self.purchases = set(), set(), {}
        self.scores, self.people = Versions(), Versions(((None,) * 5, ()))
        self.descriptions, self.offers = Versions(), Versions(((None,) * 3, ()))
        self.baskets, self.prices = Versions(), Versions()
        self.links = set()
        self.holder = {}  # of each line that the files hold now: the file
        self.staged = 0

    def load(self, number, files):
        """Takes the files that are new or have another content: name to bytes."""
        self.load_list(number, files, "convex-customers/", "customer_id", self.take_customer)
        self.load_list(number, files, "convex-products/", "product_id", self.take_product)
        self.load_purchases(number, files)

    def load_list(self, number, files, prefix, key, take):
        last = {}
        for name in sorted(n for n in files if n.startswith(prefix) and n.endswith(".csv")):
            for row, values in enumerate(csv.DictReader(files[name].decode().splitlines()), 1):
                values = {(k or "").strip().lower(): (v or "").strip(" ") for k, v in values.items()}
                self.raw[prefix] += 1
                score = values.get("loyalty_score", "")
                if not clean(values.get(key)):
                    self.rejected.append([name, row, "empty"])
                elif key == "customer_id" and not score.lstrip("+-").isdigit():
                    self.rejected.append([name, row, "wrong_type"])
                else:
                    last[clean(values[key])] = values
        for key, values in last.items():
            take(number, key, values)

    def take_customer(self, number, key, values):
        self.customers.add(key)
        self.scores.add(key, int(values["loyalty_score"]), number)
        self.people.add(key, described(values, CUSTOMER_COLUMNS, ("customer_id", "loyalty_score")), number)

    def take_product(self, number, key, values):
        self.products.add(key)
        words = tuple(values.get(c) or None for c in ("product_description", "product_category"))
        self.descriptions.add(key, words, number)
        starter = ("product_id", "product_description", "product_category")
        self.offers.add(key, described(values, PRODUCT_COLUMNS, starter), number)

    def load_purchases(self, number, files):
        arrived, delivered = {}, set()
        for name in sorted(n for n in files if n.startswith("convex-transactions/") and n.endswith(".json")):
            seen = collections.Counter()
            delivered.add(name)  # also a file that has become empty
            for row, raw in enumerate((r for r in files[name].split(b"\n") if r.strip(b"\r")), 1):
                self.raw["convex-transactions/"] += 1
                purchase, fault = judged(raw)
                if purchase is not None:
                    seen[purchase[:2]] += 1
                if fault:
                    self.rejected.append([name, row, fault])
                    continue
                customer, moment, basket = purchase
                key = (customer, moment, seen[customer, moment])
                self.staged += len(basket)
                arrived[key] = (name, basket)  # of a purchase in two files, the later name
        lines = {}
        for key, (name, basket) in arrived.items():
            self.purchases[key] = key[0]
            self.customers.add(key[0])
            self.baskets.add(key, len(basket), number)
            for at, (product, price) in enumerate(basket, 1):
                line = Line(key, product, at)
                self.products.add(product)
                self.links.add(line)
                self.prices.add(line, price, number)
                lines[line] = name
        gone = [line for line, name in self.holder.items() if name in delivered and line not in lines]
        for line in gone:
            del self.holder[line]
        for line, name in lines.items():
            self.holder.setdefault(line, name)

    def counts(self):
        years = {moment.year for _, moment, _ in self.purchases}
        score_rows = sum(max(1, len(self.scores.of.get(c, []))) for c in self.customers)
        product_rows = sum(max(1, len(self.descriptions.loads(p) | self.offers.loads(p))) for p in self.products)
        return {
            "CONVEX_STAGE.RAW_CUSTOMERS": self.raw["convex-customers/"],
            "CONVEX_STAGE.RAW_PRODUCTS": self.raw["convex-products/"],
            "CONVEX_STAGE.RAW_TRANSACTIONS": self.raw["convex-transactions/"],
            "CONVEX_STAGE.STG_TRANSACTION_LINE": self.staged,
            # One more everywhere: the ghost record, and in the dimensions the unknown member.
            "CONVEX_VAULT.HUB_CUSTOMER": len(self.customers) + 1,
            "CONVEX_VAULT.HUB_PRODUCT": len(self.products) + 1,
            "CONVEX_VAULT.SAT_CUSTOMER": self.scores.count() + 1,
            "CONVEX_VAULT.SAT_CUSTOMER_PII": self.people.count() + 1,
            "CONVEX_VAULT.SAT_PRODUCT": self.descriptions.count() + 1,
            "CONVEX_VAULT.SAT_PRODUCT_OFFER": self.offers.count() + 1,
            "CONVEX_VAULT.HUB_TRANSACTION": len(self.purchases),
            "CONVEX_VAULT.LINK_TRANSACTION_CUSTOMER": len(self.purchases),
            "CONVEX_VAULT.LINK_TRANSACTION_LINE": len(self.links),
            "CONVEX_VAULT.SAT_TRANSACTION": self.baskets.count(),
            "CONVEX_VAULT.SAT_TRANSACTION_LINE": self.prices.count(),
            "CONVEX_VAULT.LATEST_TRANSACTION_LINE": len(self.links),
            "CONVEX_WAREHOUSE.DIM_CUSTOMER": score_rows + 1,
            "CONVEX_WAREHOUSE.DIM_PRODUCT": product_rows + 1,
            "CONVEX_WAREHOUSE.DIM_DATE": sum(366 if calendar.isleap(y) else 365 for y in years),
            "CONVEX_WAREHOUSE.FACT_PURCHASE_LINE": len(self.holder),
        }

    def facts(self):
        for line in self.holder:
            customer, moment, _ = line.purchase
            category = (self.descriptions.last(line.product) or (None, None))[1]
            yield line, customer, moment.date(), category, self.prices.last(line)

    def marts(self):
        pairs = collections.Counter()
        groups = [collections.defaultdict(list) for _ in range(3)]
        for line, customer, day, category, price in self.facts():
            pairs[customer, self.scores.last(customer), line.product, category] += 1
            fact = (line.purchase, customer, day, price)
            for group, key in zip(groups, (day, (category, self.scores.last(customer)), customer)):
                group[key].append(fact)
        days, categories, customers = groups
        return {
            "MART_CUSTOMER_PURCHASES": [[*key, n] for key, n in pairs.items()],
            "MART_DAILY_SALES": [
                [day, day.strftime("%a"), *distinct(facts)[:1], len(facts), *distinct(facts)[1:], total(facts)]
                for day, facts in days.items()
            ],
            "MART_CATEGORY_LOYALTY": [
                [*key, *reversed(distinct(facts)), len(facts), total(facts), average(facts)]
                for key, facts in categories.items()
            ],
            "MART_CUSTOMER_RFM": list(self.ranked(customers)),
        }

    def ranked(self, customers):
        rows = []
        newest = max((max(f[2] for f in facts) for facts in customers.values()), default=None)
        for customer, facts in customers.items():
            first, last = min(f[2] for f in facts), max(f[2] for f in facts)
            frequency = distinct(facts)[0]
            rows.append([customer, self.scores.last(customer), first, last, (newest - last).days, frequency, total(facts)])
        fifths = [fifth(rows, 3), fifth(rows, 5), fifth(rows, 6)]
        return [[*row, *(f[row[0]] for f in fifths)] for row in rows]


def described(values, columns, known):
    """The described columns and all that are not expected."""
    more = sorted((k, v) for k, v in values.items() if v and k not in columns and k not in known)
    return tuple(values.get(c) or None for c in columns), tuple(more)


def judged(raw):
    """The purchase (customer, moment, basket) as far as it can be read, and the kind of its fault."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None, "encoding"
    try:
        row = json.loads(text)
    except ValueError:
        return None, "malformed"
    row = row if isinstance(row, dict) else {}
    keys = ("customer_id", "basket", "date_of_purchase")
    basket = row.get("basket")
    items = basket if isinstance(basket, list) else []
    items = [item if isinstance(item, dict) else {} for item in items]
    customer = clean(row.get("customer_id"))
    moment = moment_of(row.get("date_of_purchase"))
    head = (customer or None, moment)
    values = [row.get(k) for k in keys] + [item.get(k) for item in items for k in ("product_id", "price")]
    if any(k not in row for k in keys) or any(k not in item for item in items for k in ("product_id", "price")):
        return (*head, None), "missing_key"
    if any(v is None for v in values):
        return (*head, None), "null"
    if any(v == [] or isinstance(v, str) and not v.strip(" ") for v in values):
        return (*head, None), "empty"
    numbers = all(isinstance(i["price"], (int, float)) and not isinstance(i["price"], bool) for i in items)
    names = all(isinstance(i["product_id"], str) for i in items)
    if not (customer and moment and items and numbers and names):
        return (*head, None), "wrong_type"
    lines = [(clean(i["product_id"]), half_up(decimal.Decimal(str(i["price"])), 2)) for i in items]
    return (*head, lines), None


def moment_of(text):
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%d %H:%M:%S")
    except (TypeError, ValueError):
        return None


def distinct(facts):
    """Purchases and customers."""
    return [len({f[0] for f in facts}), len({f[1] for f in facts})]


def total(facts):
    return sum(f[3] for f in facts)


def average(facts):
    return half_up(half_up(total(facts) / decimal.Decimal(len(facts)), 8), 2)


def fifth(rows, column):
    """The fifth of each customer: the first fifths have one more where the number does not go up."""
    order = sorted(rows, key=lambda row: (row[column], row[0]))
    size, more = divmod(len(order), 5)
    out, at = {}, 0
    for number in range(1, 6):
        for row in order[at : at + size + (number <= more)]:
            out[row[0]] = number
        at += size + (number <= more)
    return out


def snapshot(folder):
    root = pathlib.Path(folder)
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def text(value):
    return None if value is None else str(value)


def main():
    decimal.getcontext().prec = 60
    pipeline, before = Pipeline(), {}
    for number, folder in enumerate(sys.argv[1:], 1):
        now = snapshot(folder)
        pipeline.load(number, {name: data for name, data in now.items() if before.get(name) != data})
        before = now
    marts = {name: [[text(v) for v in row] for row in rows] for name, rows in pipeline.marts().items()}
    print(json.dumps({"counts": pipeline.counts(), "marts": marts, "rejected": pipeline.rejected}))


if __name__ == "__main__":
    main()
