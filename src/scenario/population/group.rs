//! The groups of a population: departments first, then the departments of a city, projects, and rights in applications.

use super::draw::Draws;
use super::person;
use super::words::words;
use std::collections::HashSet;

/// A group: its name, and who is in it, by number.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) name: String,
    pub(super) users: Vec<usize>,
    pub(super) groups: Vec<usize>,
}

/// So many groups whose names are their own and none of those that are `taken`.
pub(super) fn plans(
    seed: u64,
    (users, groups, memberships): (usize, usize, usize),
    nested: u64,
    taken: &HashSet<String>,
) -> Vec<Plan> {
    let plan = |n: usize| {
        let mut name = name(n);
        while taken.contains(&name.to_lowercase()) {
            name.push_str(" (2)");
        }
        Plan {
            name,
            users: Vec::new(),
            groups: Vec::new(),
        }
    };
    let mut plans: Vec<Plan> = (0..groups).map(plan).collect();
    for user in 0..users {
        for group in groups_of(seed, user, groups, memberships) {
            plans[group].users.push(user);
        }
    }
    for group in 1..groups {
        let draws = Draws::new(seed, "group", group);
        if draws.chance("nested", nested) {
            // In one of smaller number, so that no group is in itself.
            plans[draws.below("parent", group)].groups.push(group);
        }
    }
    plans
}

/// The department of a user, if it has a group, and others: a few have many members and many have few.
fn groups_of(seed: u64, user: usize, groups: usize, memberships: usize) -> Vec<usize> {
    let memberships = memberships.min(groups);
    let mut found = Vec::with_capacity(memberships);
    let department = person::department(seed, user);
    if memberships > 0 && department < groups {
        found.push(department);
    }
    let draws = Draws::new(seed, "memberships", user);
    for n in 0.. {
        if found.len() >= memberships {
            break;
        }
        let even = draws.nth("group", n, 1 << 32);
        let wide = u128::from((even * even) >> 32) * groups as u128;
        let mut group = usize::try_from(wide >> 32).unwrap_or(0);
        while found.contains(&group) {
            group = (group + 1) % groups;
        }
        found.push(group);
    }
    found
}

/// A name for each number, and no name twice.
fn name(n: usize) -> String {
    let words = words();
    let departments = words.departments.len();
    let Some(rest) = n.checked_sub(departments) else {
        return words.departments[n].name.to_owned();
    };
    let (kind, n) = (rest % 3, rest / 3);
    let (name, round) = match kind {
        0 => {
            let department = words.departments[n % departments].name;
            let mut cities: Vec<&str> = words.cultures.iter().map(|it| it.city.as_str()).collect();
            cities.dedup();
            let at = n / departments;
            (
                format!("{department} {}", cities[at % cities.len()]),
                at / cities.len(),
            )
        }
        1 => {
            let at = n % words.projects.len();
            (
                format!("Project {}", words.projects[at]),
                n / words.projects.len(),
            )
        }
        _ => {
            let application = words.applications[n % words.applications.len()];
            let at = n / words.applications.len();
            (
                format!("{application}-{}", words.rights[at % words.rights.len()]),
                at / words.rights.len(),
            )
        }
    };
    match round {
        0 => name,
        round => format!("{name} {}", round + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_groups_have_one_name() {
        let names: HashSet<String> = (0..20_000).map(|n| name(n).to_lowercase()).collect();
        assert_eq!(names.len(), 20_000);
    }

    #[test]
    fn a_user_is_in_as_many_groups_as_asked_and_in_none_twice() {
        for user in 0..500 {
            for (groups, memberships) in [(0, 3), (1, 3), (2, 2), (40, 3), (40, 40)] {
                let found = groups_of(7, user, groups, memberships);
                let apart: HashSet<usize> = found.iter().copied().collect();
                assert_eq!(
                    (found.len(), apart.len()),
                    (memberships.min(groups), memberships.min(groups))
                );
            }
        }
    }
}
