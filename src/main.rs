fn main() {
    println!("snowdeck");
}
