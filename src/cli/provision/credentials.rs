//! As whom the target is asked, as it is typed or stands in the environment.

use super::super::exit::{Exit, Failure};
use crate::idp::credentials::{Credentials, Grant};
use crate::idp::dialect::Dialect;
use clap::Args;
use http::Uri;

#[derive(Debug, Args)]
#[command(next_help_heading = "Credentials, best given in the environment")]
pub(super) struct CredentialOptions {
    /// A bearer token
    #[arg(
        long,
        value_name = "TOKEN",
        conflicts_with_all = ["user", "oauth_url"],
        env = "SCIMULATE_TOKEN",
        hide_env_values = true
    )]
    token: Option<String>,

    /// The user name of Basic authentication; with --oauth-url, of the resource owner
    #[arg(
        long,
        value_name = "NAME",
        requires = "password",
        env = "SCIMULATE_USER"
    )]
    user: Option<String>,

    /// The password that goes with it
    #[arg(
        long,
        value_name = "PASSWORD",
        requires = "user",
        env = "SCIMULATE_PASSWORD",
        hide_env_values = true
    )]
    password: Option<String>,

    /// The token endpoint of OAuth 2.0. The grant is client credentials; with --user, the password; with a refresh token, that
    #[arg(
        long,
        value_name = "URL",
        requires = "oauth_client",
        env = "SCIMULATE_OAUTH_URL"
    )]
    oauth_url: Option<Uri>,

    /// The client's identifier
    #[arg(
        long,
        value_name = "ID",
        requires = "oauth_url",
        env = "SCIMULATE_OAUTH_CLIENT"
    )]
    oauth_client: Option<String>,

    /// The client's secret
    #[arg(
        long,
        value_name = "SECRET",
        requires = "oauth_url",
        env = "SCIMULATE_OAUTH_SECRET",
        hide_env_values = true
    )]
    oauth_secret: Option<String>,

    /// A refresh token, as an authorization code is exchanged for one
    #[arg(
        long,
        value_name = "TOKEN",
        requires = "oauth_url",
        conflicts_with = "user",
        env = "SCIMULATE_OAUTH_REFRESH_TOKEN",
        hide_env_values = true
    )]
    oauth_refresh_token: Option<String>,

    /// What the token is asked for
    #[arg(
        long,
        value_name = "SCOPE",
        requires = "oauth_url",
        env = "SCIMULATE_OAUTH_SCOPE"
    )]
    oauth_scope: Option<String>,
}

impl CredentialOptions {
    /// What was given, as one; `may_ask` says whether a host may be asked for tokens.
    ///
    /// # Errors
    /// When it cannot be sent, or this identity provider has no such way.
    pub(super) fn build(
        self,
        dialect: Dialect,
        may_ask: impl FnOnce(&Uri) -> Result<(), Failure>,
    ) -> Result<Credentials, Failure> {
        // What was given is not repeated: it is a secret.
        let unsendable = |what: &str| {
            let detail = format!("{what} is of visible ASCII characters, without line breaks");
            Failure::new(Exit::Usage, detail)
        };
        if let Some(url) = self.oauth_url {
            if url.scheme().is_none() || url.host().is_none() {
                let detail = format!(
                    "--oauth-url {url} is not absolute; expected one like http://127.0.0.1:8080/oauth2/token"
                );
                return Err(Failure::new(Exit::Usage, detail));
            }
            may_ask(&url)?;
            let grant = match (self.user, self.password, self.oauth_refresh_token) {
                (Some(user), Some(password), _) => Grant::Password(user, password),
                (_, _, Some(token)) => Grant::RefreshToken(token),
                _ => Grant::ClientCredentials,
            };
            let client = (
                self.oauth_client.unwrap_or_default(),
                self.oauth_secret.unwrap_or_default(),
            );
            return Ok(Credentials::oauth(url, client, grant, self.oauth_scope));
        }
        if let Some(token) = self.token {
            return Credentials::bearer(&token).ok_or_else(|| unsendable("--token"));
        }
        let (Some(user), Some(password)) = (self.user, self.password) else {
            return Ok(Credentials::None);
        };
        if matches!(dialect, Dialect::Entra | Dialect::EntraFlag) {
            let detail = "Entra ID does not speak Basic; give a --token, or an --oauth-url";
            return Err(Failure::new(Exit::Usage, detail));
        }
        Credentials::basic(&user, &password).ok_or_else(|| unsendable("--user"))
    }
}
