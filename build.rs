//! Tells cargo that the embedded templates are part of the source: a new file there is a reason to build again.

fn main() {
    println!("cargo:rerun-if-changed=templates");
}
