//! Two texts side by side, line by line.

/// Comparisons that are worth their time; beyond them the middle counts as replaced.
const MOST_CELLS: usize = 4_000_000;
/// Equal lines that are shown around each difference.
const AROUND: usize = 3;

/// Lines of two texts: what went, what came, what stayed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// The lines, in order.
    pub lines: Vec<DifferenceLine>,
    /// How many came.
    pub added: usize,
    /// How many went.
    pub removed: usize,
}

/// One line of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DifferenceLine {
    /// What became of it.
    pub kind: LineKind,
    /// Its number in the older text.
    pub old: Option<usize>,
    /// Its number in the newer text.
    pub new: Option<usize>,
    /// What it says; for [`LineKind::Gap`] how many equal lines are left out.
    pub text: String,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// It is in both.
    Same,
    /// It is in the newer text only.
    Added,
    /// It is in the older text only.
    Removed,
    /// Equal lines that are not shown.
    Gap,
}

impl LineKind {
    /// The word in class names.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Gap => "gap",
        }
    }

    /// The sign beside the line.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Added => "+",
            Self::Removed => "−",
            Self::Same | Self::Gap => "",
        }
    }

    /// The word for those who cannot see the sign.
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Same | Self::Gap => "",
        }
    }
}

impl Difference {
    /// What must be done to `old` to make `new` of it; only a few of the equal lines are shown.
    pub fn between(old: &str, new: &str) -> Self {
        let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
        let same_start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
        let rest = old[same_start..].iter().rev().zip(new[same_start..].iter().rev());
        let same_end = rest.take_while(|(a, b)| a == b).count();
        let mut writer = Writer::default();
        for line in &old[..same_start] {
            writer.same(line);
        }
        let middle = (
            &old[same_start..old.len() - same_end],
            &new[same_start..new.len() - same_end],
        );
        compare(middle.0, middle.1, &mut writer);
        for line in &old[old.len() - same_end..] {
            writer.same(line);
        }
        writer.finish()
    }

    /// Whether the texts are equal.
    pub fn is_empty(&self) -> bool {
        self.added == 0 && self.removed == 0
    }

    /// How much differs, in words.
    pub fn in_words(&self) -> String {
        let lines = |count: usize| {
            if count == 1 {
                "1 line".to_owned()
            } else {
                format!("{count} lines")
            }
        };
        match (self.added, self.removed) {
            (0, 0) => "The texts are the same".to_owned(),
            (added, 0) => format!("{} added", lines(added)),
            (0, removed) => format!("{} removed", lines(removed)),
            (added, removed) => format!("{} added, {} removed", lines(added), lines(removed)),
        }
    }
}

/// The longest common run of lines decides what stays.
fn compare(old: &[&str], new: &[&str], writer: &mut Writer) {
    if old.len().saturating_mul(new.len()) > MOST_CELLS {
        for line in old {
            writer.removed(line);
        }
        for line in new {
            writer.added(line);
        }
        return;
    }
    let width = new.len() + 1;
    let mut common = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i * width + j] = if old[i] == new[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            writer.same(old[i]);
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && common[(i + 1) * width + j] >= common[i * width + j + 1]) {
            writer.removed(old[i]);
            i += 1;
        } else {
            writer.added(new[j]);
            j += 1;
        }
    }
}

/// Counts lines as they are written.
#[derive(Debug, Default)]
struct Writer {
    lines: Vec<DifferenceLine>,
    old: usize,
    new: usize,
}

impl Writer {
    fn same(&mut self, text: &str) {
        self.old += 1;
        self.new += 1;
        self.push(LineKind::Same, Some(self.old), Some(self.new), text);
    }

    fn removed(&mut self, text: &str) {
        self.old += 1;
        self.push(LineKind::Removed, Some(self.old), None, text);
    }

    fn added(&mut self, text: &str) {
        self.new += 1;
        self.push(LineKind::Added, None, Some(self.new), text);
    }

    fn push(&mut self, kind: LineKind, old: Option<usize>, new: Option<usize>, text: &str) {
        self.lines.push(DifferenceLine {
            kind,
            old,
            new,
            text: text.to_owned(),
        });
    }

    /// Leaves out what is equal and far from every difference.
    fn finish(self) -> Difference {
        let count = |kind| self.lines.iter().filter(|line| line.kind == kind).count();
        let (added, removed) = (count(LineKind::Added), count(LineKind::Removed));
        let mut near = vec![false; self.lines.len()];
        for (at, line) in self.lines.iter().enumerate() {
            if line.kind != LineKind::Same {
                let end = (at + AROUND + 1).min(near.len());
                near[at.saturating_sub(AROUND)..end].fill(true);
            }
        }
        let mut lines: Vec<DifferenceLine> = Vec::new();
        let mut left_out = 0_usize;
        for (line, near) in self.lines.into_iter().zip(near) {
            if near {
                lines.extend(gap(left_out));
                left_out = 0;
                lines.push(line);
            } else {
                left_out += 1;
            }
        }
        lines.extend(gap(left_out));
        Difference { lines, added, removed }
    }
}

fn gap(left_out: usize) -> Option<DifferenceLine> {
    (left_out > 0).then(|| DifferenceLine {
        kind: LineKind::Gap,
        old: None,
        new: None,
        text: if left_out == 1 {
            "1 equal line".to_owned()
        } else {
            format!("{left_out} equal lines")
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(old: &str, new: &str) -> Vec<String> {
        let lines = Difference::between(old, new).lines.into_iter();
        lines.map(|line| format!("{}{}", line.kind.sign(), line.text)).collect()
    }

    #[test]
    fn what_came_and_what_went_stand_in_their_places() {
        assert_eq!(signs("a\nb\nc", "a\nx\nc\nd"), ["a", "−b", "+x", "c", "+d"]);
        assert_eq!(signs("", "a"), ["+a"]);
        assert_eq!(signs("a", ""), ["−a"]);
        let moved = Difference::between("one\ntwo\nthree", "two\nthree\none");
        assert_eq!((moved.added, moved.removed), (1, 1));
        assert_eq!(moved.in_words(), "1 line added, 1 line removed");
    }

    #[test]
    fn equal_lines_far_from_a_difference_are_left_out() {
        let old: Vec<String> = (0..40).map(|n| n.to_string()).collect();
        let new = [old.join("\n"), "more".to_owned()].join("\n");
        let found = Difference::between(&old.join("\n"), &new);
        let shown: Vec<_> = found.lines.iter().map(|line| line.kind).collect();
        let same = LineKind::Same;
        assert_eq!(shown, [LineKind::Gap, same, same, same, LineKind::Added]);
        assert_eq!(found.lines[0].text, "37 equal lines");
        assert_eq!(found.lines[1].new, Some(38));
        assert!(Difference::between(&new, &new).is_empty());
    }

    #[test]
    fn texts_too_long_to_compare_are_replaced_as_a_whole() {
        let lines = |from: u32| {
            (from..from + 2_500)
                .map(|n| n.to_string())
                .collect::<Vec<_>>()
                .join("\n")
        };
        let found = Difference::between(&lines(0), &lines(9_000));
        assert_eq!((found.added, found.removed), (2_500, 2_500));
    }
}
