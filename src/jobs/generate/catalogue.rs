//! The fixed parts of the data: the six categories, how likely each is, and the 64 products.

/// One category: its name, how many of the bag's entries it has, and its products.
#[derive(Debug)]
pub struct Category {
    /// As in `product_category`.
    pub name: &'static str,
    /// Entries in the bag that a customer draws from.
    pub bag: u32,
    /// What the products are called; their number is part of the data's definition.
    pub products: &'static [&'static str],
}

/// The categories in the order in which their products are numbered.
pub const CATEGORIES: [Category; 6] = [
    Category {
        name: "house",
        bag: 15,
        products: &[
            "detergent",
            "kitchen roll",
            "bin liners",
            "shower gel",
            "scented candles",
            "fabric softener",
            "cling film",
            "aluminium foil",
            "toilet paper",
            "kitchen knife",
            "dishwasher tablets",
            "ice pack",
        ],
    },
    Category {
        name: "clothes",
        bag: 5,
        products: &[
            "men's dark green trousers",
            "women's shoes",
            "jumper",
            "men's belt",
            "women's black socks",
            "men's striped socks",
            "women's trainers",
            "children's raincoat",
            "wool scarf",
        ],
    },
    Category {
        name: "fruit_veg",
        bag: 25,
        products: &[
            "avocado",
            "cherries",
            "scotch bonnets",
            "peppers",
            "broccoli",
            "potatoes",
            "grapes",
            "easy peelers",
            "mango",
            "lemongrass",
            "onions",
            "apples",
            "raspberries",
        ],
    },
    Category {
        name: "sweets",
        bag: 20,
        products: &["carrot cake", "salted caramel dark chocolate", "gummy bears", "kombucha", "ice cream", "brownies"],
    },
    Category {
        name: "food",
        bag: 25,
        products: &[
            "steak",
            "chicken thighs",
            "mincemeat",
            "smoked salmon",
            "sourdough bread",
            "butter",
            "free range eggs",
            "whole milk",
            "mature cheddar",
            "greek yoghurt",
            "basmati rice",
            "spaghetti",
            "chopped tomatoes",
            "olive oil",
            "porridge oats",
            "red lentils",
            "coconut milk",
            "peanut butter",
            "ground coffee",
            "breakfast tea",
        ],
    },
    Category { name: "bws", bag: 10, products: &["red wine", "gin", "pale ale", "sparkling wine"] },
];

/// Products in all categories.
pub const PRODUCTS: usize = {
    let (mut i, mut n) = (0, 0);
    while i < CATEGORIES.len() {
        n += CATEGORIES[i].products.len();
        i += 1;
    }
    n
};

/// Entries in the whole bag.
pub const BAG: u32 = {
    let (mut i, mut n) = (0, 0);
    while i < CATEGORIES.len() {
        n += CATEGORIES[i].bag;
        i += 1;
    }
    n
};

/// Category `i`'s first product and how many it has, as indices into all 64.
#[must_use]
pub fn product_range(category: usize) -> (u32, u32) {
    let before: usize = CATEGORIES[..category].iter().map(|c| c.products.len()).sum();
    (small(before), small(CATEGORIES[category].products.len()))
}

/// Product `index`'s id, `P01`…
#[must_use]
pub fn product_id(index: usize) -> String {
    format!("P{:02}", index + 1)
}

/// Every product in the order of its id: description and category.
pub fn products() -> impl Iterator<Item = (&'static str, &'static str)> {
    CATEGORIES.iter().flat_map(|c| c.products.iter().map(|p| (*p, c.name)))
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_those_of_the_starter_project() {
        let counts: Vec<_> = CATEGORIES.iter().map(|c| (c.name, c.products.len(), c.bag)).collect();
        assert_eq!(
            counts,
            [
                ("house", 12, 15),
                ("clothes", 9, 5),
                ("fruit_veg", 13, 25),
                ("sweets", 6, 20),
                ("food", 20, 25),
                ("bws", 4, 10)
            ]
        );
        assert_eq!((PRODUCTS, BAG), (64, 100));
    }

    #[test]
    fn ranges_follow_each_other_and_descriptions_differ() {
        let mut next = 0;
        for i in 0..CATEGORIES.len() {
            let (first, count) = product_range(i);
            assert_eq!(first, next);
            next += count;
        }
        let distinct: std::collections::HashSet<_> = products().collect();
        assert_eq!(distinct.len(), PRODUCTS);
        assert_eq!(product_id(0), "P01");
    }
}
