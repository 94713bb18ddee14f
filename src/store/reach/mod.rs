//! What is sent to people's phones: texts with an end, templates, sounds, backgrounds, announcements.

pub mod announcements;
pub mod backgrounds;
pub mod messages;
pub mod sounds;
pub mod templates;
