//! Profile 1, bit for bit. When one of these changes, it is a new profile: never adapt the
//! expected text of a published one.

use packwright_oci::{Compression, Profile};

use crate::samples::{encode, one_of_everything, several_blocks};

#[test]
fn the_number_is_what_labels_record() {
    assert_eq!(Profile::CURRENT.number(), 1);
    assert_eq!(Profile::try_from(1), Ok(Profile::V1));
    assert!(Profile::try_from(2).unwrap_err().to_string().contains("newest known one is 1"));
}

#[test]
fn the_bytes_are_those_of_profile_1() {
    let mut found = String::new();
    for (name, (tree, store)) in
        [("one-of-everything", one_of_everything()), ("several-blocks", several_blocks())]
    {
        for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
            let (_, layer) = encode(&tree, &store, compression, 2);
            found += &format!("{name} {compression:?} {} {}\n", layer.size, layer.digest);
        }
    }
    assert_eq!(found, GOLDEN);
}

#[test]
fn gzip_headers_hold_no_time_and_no_system() {
    let (tree, store) = one_of_everything();
    let (bytes, _) = encode(&tree, &store, Compression::Gzip, 1);
    assert_eq!(bytes[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
}

const GOLDEN: &str = "\
one-of-everything None 25600 sha256:106a1eeb74d10a0caa8735853f3e3b0ef161a51b2d79a1d08908a20eed8ff1a5
one-of-everything Gzip 886 sha256:53d9334e49c7a12f49314e078a6c7adfda59c369b4be8901a0f54b351ddbb341
one-of-everything Zstd 857 sha256:21583d06519843e038e924362b930d8f857ec65741c24d661d4fe3bccdcfbaa2
several-blocks None 11711488 sha256:0197c418a52684a0d862d1e54f8f4bf57a2924468eda80806ff7c09e903340fc
several-blocks Gzip 3413735 sha256:9454e6c8569555bf5af53c8f69e69c8216898f6fe523c6022d03e03197af3002
several-blocks Zstd 3400990 sha256:45cd2f4d2d42edeef850e02f4403d9c7fd766188582885beafc8dae79c54e562
";
