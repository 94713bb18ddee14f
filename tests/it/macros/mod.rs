//! Macros: how they are kept.

mod library;
