use scimulate::scenario::load;
use std::path::Path;
#[test]
fn scratch() {
    for t in std::fs::read_to_string("/tmp/cases.txt")
        .unwrap()
        .split("\n====\n")
    {
        let (s, d) = load(Path::new("x.ron"), t);
        println!("######## {t}\n-> {}", s.is_some());
        for d in d {
            println!("{}:{}\n{d}", d.line(), d.column());
        }
    }
}
