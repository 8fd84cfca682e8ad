//! Room: report (see ARCHITECTURE.md).
