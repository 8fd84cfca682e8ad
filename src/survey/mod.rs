//! Room: survey (see ARCHITECTURE.md).
