//! Macros: how they are kept, and how they are played.

mod library;
mod play;
