//! Macros: how they are kept, and where those that come with the program lead.

mod library;
mod ways;
