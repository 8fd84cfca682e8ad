//! Room: desk (see ARCHITECTURE.md).
