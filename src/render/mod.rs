//! Room: render (see ARCHITECTURE.md).
