//! What is said about images.

mod commands;
mod elves;
mod kit;
mod languages;
mod malformed;
mod programs;
