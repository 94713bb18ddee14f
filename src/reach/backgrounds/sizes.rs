//! The sizes of backgrounds and of their small pictures (phone-xml-api.md 4.4).

use crate::domain::catalogue::{Model, Size};

/// What models of one kind take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// A short stable word.
    pub id: &'static str,
    /// The models, for people.
    pub title: &'static str,
    /// The background.
    pub image: Size,
    /// Its small picture in the phone's list.
    pub preview: Size,
    /// Whether the display has no colours.
    pub grey: bool,
    /// CUCM's names of the models.
    models: &'static [&'static str],
}

const fn size(width: u32, height: u32) -> Size {
    Size { width, height }
}

/// A row for each size; the source of all is Cisco's description of background images, of the 7906 and 7911 two
/// programs that set them.
const TABLE: [Sizes; 9] = [
    Sizes {
        id: "8845",
        title: "8841, 8845, 8851, 8861 and 8865",
        image: size(800, 480),
        preview: size(139, 109),
        grey: false,
        models: &[
            "Cisco 8841",
            "Cisco 8841NS",
            "Cisco 8845",
            "Cisco 8851",
            "Cisco 8851NR",
            "Cisco 8851NS",
            "Cisco 8861",
            "Cisco 8865",
            "Cisco 8865NR",
        ],
    },
    Sizes {
        id: "8821",
        title: "8821",
        image: size(240, 320),
        preview: size(117, 117),
        grey: false,
        models: &["Cisco 8821"],
    },
    Sizes {
        id: "8961",
        title: "8961, 9951 and 9971",
        image: size(640, 480),
        preview: size(123, 111),
        grey: false,
        models: &["Cisco 8961", "Cisco 9951", "Cisco 9971"],
    },
    Sizes {
        id: "8945",
        title: "8941 and 8945",
        image: size(640, 480),
        preview: size(123, 111),
        grey: false,
        models: &["Cisco 8941", "Cisco 8945"],
    },
    Sizes {
        id: "7975",
        title: "7975",
        image: size(320, 216),
        preview: size(80, 53),
        grey: false,
        models: &["Cisco 7975"],
    },
    Sizes {
        id: "7970",
        title: "7970 and 7971",
        image: size(320, 212),
        preview: size(80, 53),
        grey: false,
        models: &["Cisco 7970", "Cisco 7971"],
    },
    Sizes {
        id: "7965",
        title: "7945 and 7965",
        image: size(320, 212),
        preview: size(80, 53),
        grey: false,
        models: &["Cisco 7945", "Cisco 7965"],
    },
    Sizes {
        id: "7962",
        title: "7941, 7942, 7961 and 7962",
        image: size(320, 196),
        preview: size(80, 53),
        grey: true,
        models: &[
            "Cisco 7941",
            "Cisco 7941G-GE",
            "Cisco 7942",
            "Cisco 7961",
            "Cisco 7961G-GE",
            "Cisco 7962",
        ],
    },
    Sizes {
        id: "7911",
        title: "7906 and 7911",
        image: size(95, 34),
        preview: size(23, 8),
        grey: true,
        models: &["Cisco 7906", "Cisco 7911"],
    },
];

/// Every size that some phone takes.
pub fn sizes() -> &'static [Sizes] {
    &TABLE
}

impl Sizes {
    /// Those of a model; none when it takes no background.
    pub fn of(model: &Model) -> Option<&'static Self> {
        TABLE.iter().find(|row| row.models.contains(&model.name.as_str()))
    }

    /// Those with this word.
    pub fn by_id(id: &str) -> Option<&'static Self> {
        TABLE.iter().find(|row| row.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue;

    #[test]
    fn every_model_of_the_table_is_in_the_catalogue_and_found_again() {
        for row in sizes() {
            assert_eq!(Sizes::by_id(row.id), Some(row));
            for name in row.models {
                let model = catalogue::by_name(name).unwrap();
                assert_eq!((model.name.as_str(), Sizes::of(model)), (*name, Some(row)));
            }
        }
        assert_eq!(Sizes::of(catalogue::by_name("Cisco 7821").unwrap()), None);
    }
}
