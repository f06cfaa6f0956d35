//! Rules for every writer that runs containers: what is written reads back as the same model, each process
//! starts by its program in the image, and a missing image reference is reported.

use packwright_planner::AppModel;
use proptest::prelude::*;

use super::{differences, of_an_image, runs, shop, shown};
use crate::generate;
use crate::generate::limits::Limits;
use crate::write::{Conversion, Converted};

/// The platforms whose writers write containers, and whose readers read them again.
const PLATFORMS: [&str; 3] = ["compose", "ecs", "kubernetes"];

fn written(platform: &str, model: &AppModel, image: Option<&str>) -> Converted {
    let write = crate::platform(platform).and_then(|platform| platform.write).unwrap();
    write(&Conversion { model, image })
}

#[test]
fn without_an_image_its_place_is_named() {
    for platform in PLATFORMS {
        let written = written(platform, &shop(), None);
        assert!(written.losses.iter().any(|loss| loss.code == "convert/L19-image"), "{:?}", written.losses);
        assert!(written.files.values().all(|text| text.contains("IMAGE")), "{:?}", written.files);
    }
}

/// A model as one of an image, with what the platform never leaves out.
fn fitted(platform: &str, model: &AppModel) -> AppModel {
    let mut model = of_an_image(model.clone());
    if platform == "ecs" {
        for process in model.components.iter_mut().flat_map(|part| &mut part.processes) {
            // Every task has a size.
            process
                .size
                .get_or_insert_with(|| generate::limits::requested("cpu 250m, memory 512Mi".to_owned()));
        }
    }
    model
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(model in generate::model(Limits { components: 1, ..Limits::default() })) {
        prop_assume!(runs(&model));
        for platform in PLATFORMS {
            let model = fitted(platform, &model);
            let written = written(platform, &model, None);
            let found = differences(platform, &model, &written);
            prop_assert_eq!(found, Vec::<String>::new(), "{}: {}", platform, shown(&written));
        }
    }

    #[test]
    fn several_parts_are_written_too(model in generate::model(Limits::default())) {
        for platform in PLATFORMS {
            let written = written(platform, &model, Some("registry.example.com/shop:1"));
            let processes: usize = model.components.iter().map(|part| part.processes.len()).sum();
            let programs: usize =
                written.files.values().map(|text| text.matches("/packwright/process/").count()).sum();
            prop_assert_eq!(programs, processes, "{}", platform);
        }
    }
}
