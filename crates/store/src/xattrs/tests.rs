//! Attribute values.

use super::*;

#[test]
fn capabilities_lose_the_namespace_they_were_set_in() {
    // cap_net_bind_service=ep, set in a user namespace whose root is 1000 outside.
    let mut namespaced = vec![1, 0, 0, 3];
    namespaced.extend([0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    namespaced.extend(1000_u32.to_le_bytes());
    let mut plain = vec![1, 0, 0, 2];
    plain.extend([0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(portable_capability(namespaced), plain);
    assert_eq!(portable_capability(plain.clone()), plain);
    assert_eq!(portable_capability(vec![1, 2]), [1, 2]);
}
