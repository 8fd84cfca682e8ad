//! How the trail says by what an act was proved, beside what a server or a signature said. Written by `desk`, put into a reader's
//! words by `cli`; old trails hold these words, so they stay as they are.

/// The round trip at the directory address.
pub const CONFIRMED: &str = "confirmed at the directory address";
/// The same beside another proof, whose words stand before it.
pub const AND_CONFIRMED: &str = ", and confirmed at the directory address";
/// The same, and a second person's, whose id follows.
pub const AGREED: &str = "confirmed at the directory address, and agreed to by ";
/// The same of somebody who is the second person himself, for a list that another one brought.
pub const CONFIRMED_BY_SECOND: &str = "confirmed at the directory address, by a second person";
/// `evidence = "token"`.
pub const TOKEN_ALONE: &str = "token and sender";
