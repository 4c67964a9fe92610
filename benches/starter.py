"""The starter generator's rules in plain Python, as one would write them by hand, to measure against.

    starter.py CUSTOMERS FOLDER [SEED]

Writes customers.csv, products.csv and a file of transactions for each day of December 2018.
"""

import datetime
import json
import pathlib
import random
import sys

CATEGORIES = {"house": 12, "clothes": 9, "fruit_veg": 13, "sweets": 6, "food": 20, "bws": 4}
BAG = {"house": 15, "clothes": 5, "fruit_veg": 25, "sweets": 20, "food": 25, "bws": 10}
FIRST = datetime.date(2018, 12, 1)
DAYS = 31


def products():
    number, by_category = 0, {}
    for category, count in CATEGORIES.items():
        by_category[category] = [f"P{n:02}" for n in range(number + 1, number + count + 1)]
        number += count
    return by_category


def main():
    customers, root = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    draw = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 42)
    by_category = products()
    bag = [category for category, count in BAG.items() for _ in range(count)]
    between = DAYS - 1
    shopping = {day: [] for day in range(DAYS)}
    with open(root / "customers.csv", "w") as out:
        out.write("customer_id,loyalty_score\n")
        for number in range(1, customers + 1):
            out.write(f"C{number},{draw.randint(1, 10)}\n")
            wanted = draw.sample(bag, draw.randint(1, 6))
            for day in draw.sample(range(DAYS), between // draw.choice([14, 10, 7, 5, 4, 3])):
                shopping[day].append((f"C{number}", wanted))
    with open(root / "products.csv", "w") as out:
        out.write("product_id,product_description,product_category\n")
        for category, ids in by_category.items():
            out.writelines(f"{product},something,{category}\n" for product in ids)
    for day, visits in shopping.items():
        date = FIRST + datetime.timedelta(days=day)
        folder = root / "transactions" / f"d={date}"
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / "transactions.json", "w") as out:
            for customer, wanted in visits:
                ids = by_category[draw.choice(wanted)]
                basket = [
                    {"product_id": draw.choice(ids), "price": draw.randint(1, 2000)}
                    for _ in range(draw.randint(1, 3))
                ]
                minute = draw.randint(168, 1439)
                when = f"{date} {minute // 60:02}:{minute % 60:02}:00"
                row = {"customer_id": customer, "basket": basket, "date_of_purchase": when}
                out.write(json.dumps(row, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
