//! One user of a population: everything about them follows from the seed and their number.

use super::Population;
use super::draw::Draws;
use super::words::{Culture, Department, Name, Order, words};
use serde_json::{Map, Value, json};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// What is drawn first, because others ask for it.
pub(super) struct Person {
    draws: Draws,
    culture: &'static Culture,
    given: &'static Name,
    family: &'static Name,
}

impl Person {
    pub(super) fn new(seed: u64, n: usize) -> Self {
        let draws = Draws::new(seed, "user", n);
        let culture = draws.pick("culture", &words().cultures);
        Self {
            culture,
            given: draws.pick("given", &culture.given),
            family: draws.pick("family", &culture.family),
            draws,
        }
    }

    /// What stands before the `@`, before it is made unique.
    pub(super) fn login(&self) -> String {
        format!("{}.{}", self.given.login, self.family.login)
    }

    fn full_name(&self, given: &str) -> String {
        let family = &self.family.written;
        match self.culture.order {
            Order::GivenFirst => format!("{given} {family}"),
            Order::FamilyFirst => format!("{family} {given}"),
            Order::Joined => format!("{family}{given}"),
        }
    }

    fn telephone(&self, which: &str) -> String {
        let mut digits = self.draws.number(which, 10_u64.pow(9));
        let filled = self.culture.telephone.chars().map(|c| {
            if c != '#' {
                return c;
            }
            let digit = u32::try_from(digits % 10)
                .ok()
                .and_then(|it| char::from_digit(it, 10));
            digits /= 10;
            digit.unwrap_or('0')
        });
        format!("tel:{}", filled.collect::<String>())
    }
}

/// Who leads whom is a tree: everyone is led by one of smaller number, and number 0 by nobody. A leader has five to eleven people.
fn manager(seed: u64, n: usize) -> Option<usize> {
    let span = 5 + Draws::new(seed, "user", n).below("span", 7);
    Some(n.checked_sub(1)? / span)
}

/// How far below number 0, and the one of those next to it whose part of the company it is.
fn rank(seed: u64, n: usize) -> (usize, usize) {
    let (mut depth, mut head, mut at) = (0, n, n);
    while let Some(above) = manager(seed, at) {
        (depth, head, at) = (depth + 1, at, above);
    }
    (depth, head)
}

/// The department: that of the one below number 0 who leads there.
pub(super) fn department(seed: u64, n: usize) -> usize {
    let (_, head) = rank(seed, n);
    head.saturating_sub(1) % words().departments.len()
}

impl Population {
    pub(super) fn person(&self, n: usize) -> Map<String, Value> {
        let it = Person::new(self.seed, n);
        let user_name = self.user_name(n);
        let Person {
            draws,
            culture,
            given,
            family,
        } = &it;
        let mut name = json!({
            "formatted": it.full_name(&given.written),
            "familyName": family.written,
            "givenName": given.written,
        });
        let middle = draws.pick("middle", &culture.given);
        if culture.order == Order::GivenFirst
            && middle.login != given.login
            && draws.chance("has middle", 150_000)
        {
            name["middleName"] = json!(middle.written);
            name["formatted"] =
                json!(it.full_name(&format!("{} {}", given.written, middle.written)));
        }
        let mut emails = vec![json!({"value": user_name, "type": "work", "primary": true})];
        if draws.chance("home", 600_000) {
            let login = user_name.split('@').next().unwrap_or(&user_name);
            emails.push(json!({"value": format!("{login}@mail.example"), "type": "home"}));
        }
        let mut phones = vec![json!({"value": it.telephone("work phone"), "type": "work"})];
        if draws.chance("mobile", 500_000) {
            phones.push(json!({"value": it.telephone("mobile phone"), "type": "mobile"}));
        }
        let department = &words().departments[department(self.seed, n)];
        let mut user = Map::new();
        let mut set = |name: &str, value: Value| user.insert(name.to_owned(), value);
        set("userName", json!(user_name));
        set("externalId", json!(format!("e{:07}", n + 1)));
        set("displayName", json!(it.full_name(&given.written)));
        set("name", name);
        if draws.chance("nick", 100_000) {
            set("nickName", json!(given.written));
        }
        set("title", json!(title(self.seed, n, department, draws)));
        set(
            "userType",
            json!(if draws.chance("contractor", 120_000) {
                "Contractor"
            } else {
                "Employee"
            }),
        );
        set("preferredLanguage", json!(culture.locale.split('-').next()));
        set("locale", json!(culture.locale));
        set("timezone", json!(culture.timezone));
        // Somebody has to lead.
        set(
            "active",
            json!(n == 0 || !draws.chance("disabled", self.disabled)),
        );
        set("emails", Value::Array(emails));
        set("phoneNumbers", Value::Array(phones));
        set(
            "addresses",
            json!([{"type": "work", "locality": culture.city, "country": culture.country}]),
        );
        let mut work = json!({
            "employeeNumber": (100_001 + n).to_string(),
            "costCenter": department.cost_center,
            "department": department.name,
        });
        if let Some(manager) = manager(self.seed, n) {
            work["manager"] = json!({"value": self.user_name(manager)});
        }
        set(ENTERPRISE, work);
        user
    }
}

fn title(seed: u64, n: usize, department: &Department, draws: &Draws) -> String {
    match rank(seed, n).0 {
        0 => "Chief Executive Officer".to_owned(),
        1 => format!("Vice President, {}", department.name),
        _ => (*draws.pick("title", &department.titles)).to_owned(),
    }
}
