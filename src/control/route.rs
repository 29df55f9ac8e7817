//! Which endpoint of the control API a path is, and the methods that it takes.

use percent_encoding::percent_decode_str;

/// An endpoint; names are decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    Health,
    Metrics,
    Events,
    Tenants,
    Tenant(String),
    /// Of one tenant, or of all.
    Reload(Option<String>),
    Reset(String),
    Checkpoints(String),
    Restore(String, String),
    State(String),
    Clock(String),
    Faults(String),
    Journal(String),
    Latest(String),
    Verify(String),
}

impl Route {
    /// `None` where nothing is.
    pub(super) fn find(path: &str) -> Option<Self> {
        let decoded = |segment| {
            let text = percent_decode_str(segment).decode_utf8();
            text.ok().map(std::borrow::Cow::into_owned)
        };
        let segments: Option<Vec<String>> =
            path.strip_prefix('/')?.split('/').map(decoded).collect();
        let segments = segments?;
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let tenant = || segments[1].to_owned();
        Some(match segments.as_slice() {
            ["health"] => Self::Health,
            ["metrics"] => Self::Metrics,
            ["events"] => Self::Events,
            ["tenants"] => Self::Tenants,
            ["tenants", name] if !name.is_empty() => Self::Tenant(tenant()),
            ["reload"] => Self::Reload(None),
            ["tenants", _, "reload"] => Self::Reload(Some(tenant())),
            ["tenants", _, "reset"] => Self::Reset(tenant()),
            ["tenants", _, "checkpoints"] => Self::Checkpoints(tenant()),
            ["tenants", _, "checkpoints", mark, "restore"] => {
                Self::Restore(tenant(), (*mark).to_owned())
            }
            ["tenants", _, "state"] => Self::State(tenant()),
            ["tenants", _, "clock"] => Self::Clock(tenant()),
            ["tenants", _, "faults"] => Self::Faults(tenant()),
            ["tenants", _, "journal"] => Self::Journal(tenant()),
            ["tenants", _, "journal", "latest"] => Self::Latest(tenant()),
            ["tenants", _, "verify"] => Self::Verify(tenant()),
            _ => return None,
        })
    }

    /// What `Allow` says (RFC 9110 section 10.2.1).
    pub(super) fn methods(&self) -> &'static [&'static str] {
        match self {
            Self::Health | Self::Metrics | Self::Latest(_) => &["GET", "HEAD"],
            Self::Events => &["GET"],
            Self::Tenants | Self::Clock(_) => &["GET", "HEAD", "POST"],
            Self::Tenant(_) => &["DELETE"],
            Self::Reload(_)
            | Self::Reset(_)
            | Self::Checkpoints(_)
            | Self::Restore(..)
            | Self::Verify(_) => &["POST"],
            Self::State(_) | Self::Faults(_) => &["GET", "HEAD", "PUT"],
            Self::Journal(_) => &["GET", "HEAD", "DELETE"],
        }
    }
}
