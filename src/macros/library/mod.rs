//! The macros that come with the program: texts beside this file.

/// A macro that comes with the program.
#[derive(Debug)]
pub(super) struct BuiltIn {
    /// Its word in the store; never changed.
    pub(super) word: &'static str,
    /// Raised with every change of its text, so that a newer program brings the change and an older one takes none back.
    pub(super) edition: u32,
    /// Its text.
    pub(super) text: &'static str,
}

macro_rules! built_in {
    ($($word:literal $edition:literal,)+) => {
        &[$(BuiltIn { word: $word, edition: $edition, text: include_str!(concat!($word, ".macro")) },)+]
    };
}

/// All of them.
pub(super) static ALL: &[BuiltIn] = built_in![
    "restart" 1,
];

/// The one with this word.
pub(super) fn find(word: &str) -> Option<&'static BuiltIn> {
    ALL.iter().find(|built_in| built_in.word == word)
}
