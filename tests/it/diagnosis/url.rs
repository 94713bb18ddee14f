//! What the checks of the Authentication URL find.
