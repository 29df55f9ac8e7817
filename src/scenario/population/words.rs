//! The words of which people and groups are made: three text files beside this one, read once.

use std::sync::LazyLock;

/// Everything there is to choose from.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) cultures: Vec<Culture>,
    pub(super) departments: Vec<Department>,
    pub(super) projects: Vec<&'static str>,
    pub(super) applications: Vec<&'static str>,
    pub(super) rights: Vec<&'static str>,
}

/// A way of being called.
#[derive(Debug)]
pub(super) struct Culture {
    pub(super) locale: &'static str,
    pub(super) timezone: &'static str,
    pub(super) country: &'static str,
    /// With `#` for each digit that is drawn.
    pub(super) telephone: &'static str,
    pub(super) city: String,
    pub(super) order: Order,
    pub(super) given: Vec<Name>,
    pub(super) family: Vec<Name>,
}

/// How given and family name are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    GivenFirst,
    FamilyFirst,
    /// Without a space between.
    Joined,
}

/// A name, and what it is in a login.
#[derive(Debug)]
pub(super) struct Name {
    pub(super) written: String,
    pub(super) login: String,
}

#[derive(Debug)]
pub(super) struct Department {
    pub(super) name: &'static str,
    pub(super) cost_center: &'static str,
    pub(super) titles: Vec<&'static str>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let groups = include_str!("groups.txt");
    let list = |name: &str| {
        let lines = lines(groups).filter_map(|line| line.split_once(": "));
        let named = lines.filter(|(head, _)| *head == name);
        named.flat_map(|(_, words)| words.split(", ")).collect()
    };
    Words {
        cultures: cultures(include_str!("names.txt")),
        departments: lines(include_str!("work.txt"))
            .filter_map(department)
            .collect(),
        projects: list("projects"),
        applications: list("applications"),
        rights: list("rights"),
    }
});

/// The words.
pub(super) fn words() -> &'static Words {
    &WORDS
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn cultures(text: &'static str) -> Vec<Culture> {
    let mut found: Vec<Culture> = Vec::new();
    for line in lines(text) {
        let words: Vec<&'static str> = line.split(' ').collect();
        match words.as_slice() {
            ["given", names @ ..] => found
                .last_mut()
                .into_iter()
                .for_each(|it| it.given = names.iter().map(|it| name(it)).collect()),
            ["family", names @ ..] => found
                .last_mut()
                .into_iter()
                .for_each(|it| it.family = names.iter().map(|it| name(it)).collect()),
            [locale, timezone, country, telephone, city, order] => found.push(Culture {
                locale,
                timezone,
                country,
                telephone,
                city: city.replace('_', " "),
                order: match *order {
                    "given-first" => Order::GivenFirst,
                    "family-first" => Order::FamilyFirst,
                    _ => Order::Joined,
                },
                given: Vec::new(),
                family: Vec::new(),
            }),
            _ => {}
        }
    }
    found
}

fn name(word: &str) -> Name {
    let (written, login) = word.split_once('/').unwrap_or((word, word));
    Name {
        written: written.replace('_', " "),
        login: login.to_lowercase(),
    }
}

fn department(line: &'static str) -> Option<Department> {
    let (head, titles) = line.split_once(": ")?;
    let (name, cost_center) = head.rsplit_once(' ')?;
    Some(Department {
        name,
        cost_center,
        titles: titles.split(", ").collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_word_lists_is_understood() {
        let words = words();
        let heads = lines(include_str!("names.txt"))
            .filter(|line| !line.starts_with("given ") && !line.starts_with("family "));
        assert_eq!(words.cultures.len(), heads.count());
        assert_eq!(
            words.departments.len(),
            lines(include_str!("work.txt")).count()
        );
        assert!(
            words.projects.len() > 10 && words.applications.len() > 10 && words.rights.len() > 3
        );
        for culture in &words.cultures {
            assert!(
                culture.given.len() >= 8 && culture.family.len() >= 8,
                "{culture:?}"
            );
            assert!(
                culture.telephone.starts_with('+') && culture.telephone.contains('#'),
                "{culture:?}"
            );
            for name in culture.given.iter().chain(&culture.family) {
                let plain = name.login.bytes().all(|it| it.is_ascii_lowercase());
                assert!(
                    plain && !name.login.is_empty() && !name.written.contains(['/', '_']),
                    "{name:?}"
                );
            }
        }
    }
}
