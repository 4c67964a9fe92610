//! Layers of settings: defaults < file < environment < flags; profiles; where things live.
