//! The same jobs without a screen: text and JSON reporters.
