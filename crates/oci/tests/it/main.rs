//! What the crate promises, seen from outside: trees survive the way through a layer, bytes
//! depend on the profile alone, hostile archives are refused.

#[cfg(test)]
mod adversarial;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod ports;
#[cfg(test)]
mod raw;
#[cfg(test)]
mod samples;
