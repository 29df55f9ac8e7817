//! Measured later in this file.
fn main() {}
