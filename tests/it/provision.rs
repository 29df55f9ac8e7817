//! The client side: a directory file, what Okta, Entra ID and Oracle send for each change of it, and what becomes of it when things fail.

mod answers;
mod crash;
mod crowd;
mod dialects;
mod files;
mod grants;
mod plans;
mod rules;
mod states;
mod verbs;
