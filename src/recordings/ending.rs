//! Why a recording ended.

/// Why a recording ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Somebody stopped it.
    Stopped,
    /// It was as long as `recordings.longest_minutes` allows.
    Longest,
    /// Its pictures took what `recordings.most_mib` allows.
    Size,
    /// All recordings together took what `recordings.total_mib` allows, and none could be removed.
    Full,
    /// Its person may no longer see the phone, or the phone is gone.
    Right,
    /// It could not be written.
    Disk,
    /// The server stopped in order.
    Shutdown,
    /// The server ended without being able to say so.
    Interrupted,
}

impl Ending {
    const ALL: [Self; 8] = [
        Self::Stopped,
        Self::Longest,
        Self::Size,
        Self::Full,
        Self::Right,
        Self::Disk,
        Self::Shutdown,
        Self::Interrupted,
    ];

    /// The word in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Longest => "longest",
            Self::Size => "size",
            Self::Full => "full",
            Self::Right => "right",
            Self::Disk => "disk",
            Self::Shutdown => "shutdown",
            Self::Interrupted => "interrupted",
        }
    }

    /// What people read.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Longest => "reached the longest time of a recording",
            Self::Size => "reached the most room of a recording",
            Self::Full => "no room left for recordings",
            Self::Right => "its person may no longer see the phone",
            Self::Disk => "could not be written",
            Self::Shutdown => "the server was stopped",
            Self::Interrupted => "cut off by a restart",
        }
    }

    /// The ending of a word; none for one of a later program.
    pub fn from_stored(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ending| ending.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back() {
        for ending in Ending::ALL {
            assert_eq!(Ending::from_stored(ending.as_str()), Some(ending));
        }
        assert_eq!(Ending::from_stored("of a later program"), None);
    }
}
