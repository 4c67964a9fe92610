use super::*;
use proptest::prelude::*;

fn items(edges: &[&[usize]], widths: &[usize]) -> Vec<Item> {
    let mut levels: Vec<usize> = Vec::new();
    for after in edges {
        levels.push(after.iter().map(|p| levels[*p] + 1).max().unwrap_or(0));
    }
    let item = |i: usize| Item { level: levels[i], width: widths[i % widths.len()], after: edges[i].to_vec() };
    (0..edges.len()).map(item).collect()
}

fn lay(items: &[Item]) -> Layout {
    shaped(items, &Shape::new(items.to_vec()))
}

fn shaped(items: &[Item], shape: &Shape) -> Layout {
    shape.lay(&items.iter().map(|i| i.width).collect::<Vec<_>>())
}

/// Cells that a line which leaves `from`'s label reaches, going where the lines go and below bridges.
fn reached(layout: &Layout, from: (usize, usize)) -> BTreeSet<(usize, usize)> {
    let mut seen = BTreeSet::new();
    // A cell and the direction in which it was entered, as a step in columns and rows.
    let mut open = vec![(from, (1_isize, 0_isize))];
    while let Some((cell, step)) = open.pop() {
        let Some(mask) = layout.lines.get(&cell).copied() else { continue };
        if !seen.insert((cell, step)) {
            continue;
        }
        let to = |(dx, dy): (isize, isize)| Some((cell.0.checked_add_signed(dx)?, cell.1.checked_add_signed(dy)?));
        if mask & BRIDGE != 0 && step.1 == 0 {
            open.extend(to(step).map(|c| (c, step)));
            continue;
        }
        for (bit, way) in [(UP, (0, -1)), (DOWN, (0, 1)), (LEFT, (-1, 0)), (RIGHT, (1, 0))] {
            if mask & bit != 0 && way != (-step.0, -step.1) {
                open.extend(to(way).map(|c| (c, way)));
            }
        }
    }
    seen.into_iter().map(|(cell, _)| cell).collect()
}

fn check(items: &[Item]) {
    let shape = Shape::new(items.to_vec());
    sound(items, &shaped(items, &shape));
    sound(items, &shaped(items, &shape.tight()));
}

fn sound(items: &[Item], layout: &Layout) {
    let mut cells = BTreeSet::new();
    for (item, (x, y)) in items.iter().zip(&layout.at) {
        assert!(x + item.width <= layout.width && *y < layout.height, "outside: {item:?}");
        for dx in 0..item.width {
            assert!(cells.insert((x + dx, *y)), "two labels at {:?} in {layout:?}", (x + dx, y));
        }
    }
    for cell in layout.lines.keys() {
        assert!(!cells.contains(cell), "a line through a label at {cell:?}");
        assert!(cell.0 < layout.width && cell.1 < layout.height, "a line outside at {cell:?}");
    }
    for (v, item) in items.iter().enumerate() {
        for u in &item.after {
            let (x, y) = layout.at[*u];
            let end = (layout.at[v].0 - 2, layout.at[v].1);
            let found = reached(layout, (x + items[*u].width + 1, y));
            assert!(found.contains(&end), "the edge {u} → {v} is not drawn: {layout:?}");
        }
    }
}

/// The picture as text, labels as their numbers.
fn picture(items: &[Item]) -> Vec<String> {
    drawn(items, &lay(items))
}

fn drawn(items: &[Item], layout: &Layout) -> Vec<String> {
    let mut grid = vec![vec![' '; layout.width]; layout.height];
    for ((x, y), mask) in &layout.lines {
        grid[*y][*x] = super::super::graph::line(*mask, false);
    }
    for (i, (x, y)) in layout.at.iter().enumerate() {
        for (dx, c) in format!("{i}{}", "=".repeat(items[i].width - 1)).chars().enumerate() {
            grid[*y][x + dx] = c;
        }
    }
    grid.into_iter().map(|row| row.into_iter().collect::<String>().trim_end().to_owned()).collect()
}

#[test]
fn a_chain_is_one_line() {
    assert_eq!(picture(&items(&[&[], &[0], &[1]], &[3])), ["0== ─ 1== ─ 2=="]);
}

#[test]
fn a_fan_and_a_merge() {
    let tree = items(&[&[], &[0], &[0], &[0], &[1, 2, 3]], &[2]);
    assert_eq!(picture(&tree), ["    ┌─ 1= ─┐", "0= ─┼─ 2= ─┼─ 4=", "    └─ 3= ─┘"]);
}

#[test]
fn the_same_where_room_is_short() {
    let tree = items(&[&[], &[0], &[0], &[0], &[1, 2, 3]], &[2]);
    let layout = shaped(&tree, &Shape::new(tree.clone()).tight());
    assert_eq!(drawn(&tree, &layout), ["   ┌ 1= ┐", "0= ┼ 2= ┼ 4=", "   └ 3= ┘"]);
}

#[test]
fn a_long_edge_passes_by() {
    // 0 → 1 → 2 and 0 → 2.
    let tree = items(&[&[], &[0], &[1, 0]], &[2]);
    check(&tree);
    assert_eq!(picture(&tree).len(), 2);
}

#[test]
fn lines_that_cross_are_bridged() {
    // 0 and 1 both lead to what stands on the other's side, and to nothing else.
    let tree = items(&[&[], &[], &[0], &[1], &[2, 3], &[0, 1]], &[2]);
    check(&tree);
}

#[test]
fn the_pipeline_that_ships() {
    let tree: [&[usize]; 12] = [&[], &[0], &[1], &[1], &[1], &[1], &[2], &[3], &[4], &[6, 7, 8, 4, 5], &[9], &[9]];
    let tree = items(&tree, &[12]);
    check(&tree);
    assert!(lay(&tree).height <= 6, "{:#?}", picture(&tree));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn nothing_overlaps_and_every_edge_is_drawn(
        seeds in proptest::collection::vec((proptest::collection::vec(0_usize..1_000, 0..4), 1_usize..14), 1..18),
    ) {
        let mut edges: Vec<Vec<usize>> = Vec::new();
        for (i, (before, _)) in seeds.iter().enumerate() {
            let after: BTreeSet<usize> = before.iter().filter(|_| i > 0).map(|b| b % i.max(1)).collect();
            edges.push(after.into_iter().collect());
        }
        let edges: Vec<&[usize]> = edges.iter().map(Vec::as_slice).collect();
        let widths: Vec<usize> = seeds.iter().map(|(_, w)| *w).collect();
        check(&items(&edges, &widths));
    }
}
