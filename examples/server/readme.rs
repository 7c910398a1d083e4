//! The README's Rust is compiled, here where all crates are at hand.
#![cfg_attr(doctest, doc = include_str!("../../README.md"))]
