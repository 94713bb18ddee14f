//! The macro that declares a section once: its struct, its defaults, and the rows of the reference page.

/// One setting as the reference page shows it.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// The key in its section.
    pub key: &'static str,
    /// What it does, with its unit and limits.
    pub meaning: &'static str,
}

/// Declares a section of the configuration. Each field has a doc comment, a type and a default.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        pub struct $name:ident {
            $($(#[doc = $doc:literal])+ $(#[serde($($serde:tt)+)])? pub $field:ident: $type:ty = $default:expr,)+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name {
            $($(#[doc = $doc])+ $(#[serde($($serde)+)])? pub $field: $type,)+
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        impl $name {
            /// The settings of this section, for the reference page.
            pub const SETTINGS: &'static [crate::config::section::Setting] = &[
                $(crate::config::section::Setting {
                    key: stringify!($field),
                    meaning: concat!($($doc, "\n",)+),
                },)+
            ];
            /// What the section is about.
            pub const ABOUT: &'static str = concat!($($about, "\n",)+);
        }
    };
}

pub(crate) use section;
