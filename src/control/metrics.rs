//! Counts as text that Prometheus reads (exposition format 0.0.4). What they are counted by is bounded: no id, path or user name is a label.

use super::{Control, Count};
use crate::service::TIMES_US;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response};
use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};

/// The text of a response, a family of counts after the other.
#[derive(Default)]
struct Text(String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a string does not fail.
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        for (n, (label, text)) in labels.iter().enumerate() {
            let before = if n == 0 { '{' } else { ',' };
            let text = text.replace('\\', r"\\").replace('"', "\\\"");
            let text = text.replace('\n', r"\n");
            let _ = write!(self.0, "{before}{label}=\"{text}\"");
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
        let _ = writeln!(self.0, " {value}");
    }
}

impl Control {
    pub(super) fn metrics(&self) -> Response<Bytes> {
        let mut text = Text::default();
        self.answers(&mut text);
        self.times(&mut text);
        let name = "scimulate_resources";
        text.family(name, "gauge", "Resources of a tenant.");
        for (_, tenant) in self.tenants.iter() {
            let moment = tenant.directory.snapshot();
            for (kind, it) in tenant.layout().types.iter().enumerate() {
                let labels = [("tenant", tenant.name.as_str()), ("type", it.name.as_str())];
                text.sample(name, &labels, moment.count(kind));
            }
        }
        let counts = self.recording.iter().flat_map(|it| it.counts());
        for Count { name, help, value } in counts {
            let is_total = name.ends_with("_total");
            text.family(name, if is_total { "counter" } else { "gauge" }, help);
            text.sample(name, &[], value);
        }
        let moment = self.journal.moment();
        let name = "scimulate_journal_exchanges";
        text.family(name, "gauge", "Exchanges in the journal.");
        text.sample(name, &[], moment.len());
        let name = "scimulate_journal_bytes";
        text.family(name, "gauge", "Memory that the journal takes, as reckoned.");
        text.sample(name, &[], moment.bytes());
        let name = "scimulate_reloads_total";
        text.family(name, "counter", "Scenarios loaded again, or in vain.");
        for (outcome, count) in self.reloads.counts() {
            text.sample(name, &[("outcome", outcome)], count);
        }
        let name = "process_start_time_seconds";
        text.family(
            name,
            "gauge",
            "When the server started, in seconds since 1970.",
        );
        text.sample(name, &[], self.begun.as_second());
        let mut response = Response::new(Bytes::from(text.0));
        let media_type = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, media_type);
        response
    }

    fn answers(&self, text: &mut Text) {
        let (mut requests, mut faults) = (BTreeMap::new(), BTreeMap::new());
        for (_, tenant) in self.tenants.iter() {
            for (kind, count) in tenant.traffic.answers() {
                let name = tenant.name.clone();
                if let Some(fault) = kind.fault {
                    *faults.entry((name.clone(), fault)).or_insert(0) += count;
                }
                let key = (name, kind.method, kind.endpoint, kind.status);
                *requests.entry(key).or_insert(0) += count;
            }
        }
        let name = "scimulate_requests_total";
        let help = "Requests by what they were answered; the status is `none` where a fault kept the answer.";
        text.family(name, "counter", help);
        for ((tenant, method, endpoint, status), count) in requests {
            let status = status.map_or("none".to_owned(), |it| it.to_string());
            let labels = [
                ("tenant", tenant.as_str()),
                ("method", method),
                ("endpoint", &endpoint),
                ("status", &status),
            ];
            text.sample(name, &labels, count);
        }
        let name = "scimulate_faults_total";
        text.family(name, "counter", "Faults that were injected.");
        for ((tenant, fault), count) in faults {
            text.sample(name, &[("tenant", &tenant), ("fault", &fault)], count);
        }
    }

    fn times(&self, text: &mut Text) {
        let name = "scimulate_request_duration_seconds";
        let help = "How long answers took to make, a body's arrival included and delays that are injected not.";
        text.family(name, "histogram", help);
        let bucket = format!("{name}_bucket");
        for (_, tenant) in self.tenants.iter() {
            let tenant_label = ("tenant", tenant.name.as_str());
            let (classes, total_us) = tenant.traffic.times();
            let mut count = 0;
            for (n, more) in classes.iter().enumerate() {
                count += more;
                let end = TIMES_US.get(n);
                let end = end.map_or("+Inf".to_owned(), |us| seconds(*us));
                text.sample(&bucket, &[tenant_label, ("le", &end)], count);
            }
            text.sample(&format!("{name}_sum"), &[tenant_label], seconds(total_us));
            text.sample(&format!("{name}_count"), &[tenant_label], count);
        }
    }
}

fn seconds(us: u64) -> String {
    let text = format!("{}.{:06}", us / 1_000_000, us % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
