//! What the checks of the control login find.
