//! What the profile reaches: Snowflake, the bucket, one region for both, and the pipeline's manifest.

use super::{Check, Global};
use crate::cli::desk;
use crate::config::{self, Connected, LOCAL_PROFILE, Paths, ProfileKind, Settings};
use crate::domain::SqlError;
use crate::jobs::deploy::{Pipeline, Variables};
use crate::jobs::ports::{ObjectStore, Warehouses};
use tokio_util::sync::CancellationToken;

/// Everything that needs the profile.
pub async fn checks(global: &Global, paths: &Paths, settings: &Settings) -> Vec<Check> {
    let (manifest, pipeline) = manifest(global);
    let profile = settings.profile_name(global.profile.as_deref()).to_owned();
    let connected = match config::connect(paths, settings, &profile, None).await {
        Ok(connected) => connected,
        Err(error) => {
            let fix = "mend the profile in the settings file, or choose one with --profile";
            return vec![manifest, Check::failed("profile", error.to_string(), fix)];
        }
    };
    let mut checks =
        vec![Check::ok("profile", format!("{profile} ({}), {}", connected.kind.label(), connected.endpoint))];
    let account = snowflake(connected.warehouses.as_ref(), &mut checks).await;
    checks.push(bucket(connected.store.as_ref(), &profile).await);
    checks.extend(region(settings, &profile, &connected, account.as_deref()));
    checks.push(manifest);
    checks.extend(pipeline.map(|pipeline| variables(&pipeline, &connected.variables, &profile)));
    connected.ending.end().await;
    checks
}

/// Logs in; gives the account's region.
async fn snowflake(warehouses: &dyn Warehouses, checks: &mut Vec<Check>) -> Option<String> {
    const NAME: &str = "Snowflake";
    const SQL: &str = "SELECT CURRENT_REGION() AS REGION, CURRENT_VERSION() AS VERSION, CURRENT_USER() AS USER, CURRENT_ROLE() AS ROLE";
    let asked: Result<_, SqlError> = async {
        let session = warehouses.connect(None).await?;
        let answer = session.query(SQL, Some(1), &CancellationToken::new()).await;
        session.close().await;
        answer
    }
    .await;
    match asked {
        Ok(answer) => {
            let cell = |name: &str| answer.cell(0, name).unwrap_or("none").to_owned();
            let found =
                format!("{} as {}, version {}, {}", cell("USER"), cell("ROLE"), cell("VERSION"), cell("REGION"));
            checks.push(Check::ok(NAME, found));
            answer.cell(0, "REGION").map(str::to_owned)
        }
        Err(error) => {
            let fix = "check the connection's account, user and secret; `snow connection test` tries the same one";
            checks.push(Check::failed(NAME, error.to_string(), fix));
            None
        }
    }
}

async fn bucket(store: &dyn ObjectStore, profile: &str) -> Check {
    const NAME: &str = "bucket";
    let name = store.bucket();
    match store.list("", Some("/"), None).await {
        Ok(page) => Check::ok(
            NAME,
            format!("{name}, {} folders and objects at its top", page.prefixes.len() + page.objects.len()),
        ),
        Err(error) if error.code == "NoSuchBucket" && profile == LOCAL_PROFILE => {
            Check::ok(NAME, format!("{name}, made by the first upload"))
        }
        Err(error) => {
            let fix = match error.code.as_str() {
                "NoSuchBucket" => "make it in the account's region, or name another in the profile",
                "PermanentRedirect" | "AuthorizationHeaderMalformed" => {
                    "the bucket is in another region: set `region` in the profile"
                }
                "AccessDenied" => "these credentials may not list it: s3:ListBucket on the bucket is needed",
                _ => "check the AWS credentials (aws sts get-caller-identity) and the network",
            };
            Check::failed(NAME, error.to_string(), fix)
        }
    }
}

/// Bucket and account belong in one region: else every load pays for the way and takes longer.
fn region(settings: &Settings, profile: &str, connected: &Connected, account: Option<&str>) -> Option<Check> {
    const NAME: &str = "region";
    let account = plain_region(account?);
    let bucket = match connected.kind {
        ProfileKind::Local => Some(settings.local.region.clone()),
        ProfileKind::Account => {
            let named = settings.profiles.get(profile).and_then(|p| p.region.clone());
            let told = ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().find_map(|n| std::env::var(n).ok());
            named.or(told.filter(|r| !r.is_empty()))
        }
    };
    Some(match bucket {
        Some(bucket) if bucket == account => Check::ok(NAME, format!("{bucket} for both")),
        Some(bucket) => Check::warning(
            NAME,
            format!("the bucket is in {bucket}, the account in {account}"),
            format!("use a bucket in {account}: loading across regions is slower, and the way is paid for"),
        ),
        None => Check::warning(
            NAME,
            format!("the account is in {account}, the bucket's region is not known"),
            format!("set region = \"{account}\" in [profiles.{profile}] if it is there"),
        ),
    })
}

/// `PUBLIC.AWS_AP_SOUTHEAST_1` is `ap-southeast-1`.
fn plain_region(text: &str) -> String {
    let bare = text.rsplit('.').next().unwrap_or(text);
    bare.trim_start_matches("AWS_").to_lowercase().replace('_', "-")
}

fn manifest(global: &Global) -> (Check, Option<Pipeline>) {
    const NAME: &str = "pipeline";
    match desk::pipeline(global) {
        Ok(pipeline) => {
            let manifest = pipeline.manifest();
            let found = format!(
                "{}: {} stages, {} sources, {} marts",
                manifest.name,
                manifest.stages.len(),
                manifest.sources.len(),
                manifest.marts.len()
            );
            (Check::ok(NAME, found), Some(pipeline))
        }
        Err(failure) => {
            let text = failure.text().unwrap_or_default();
            (Check::failed(NAME, text.trim_start_matches("error: "), "mend the manifest at that line"), None)
        }
    }
}

/// Every file renders with the profile's values.
fn variables(pipeline: &Pipeline, values: &Variables, profile: &str) -> Check {
    const NAME: &str = "statements";
    match pipeline.prepare(values) {
        Ok(deployment) => Check::ok(NAME, format!("{} in the plan", deployment.plan().steps().count())),
        Err(error) => Check::failed(
            NAME,
            error.to_string(),
            format!(
                "give the value under variables of the profile {profile}, or as SNOWDECK_VAR_NAME in the environment"
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::plain_region;

    #[test]
    fn regions_are_compared_in_one_form() {
        assert_eq!(plain_region("AWS_AP_SOUTHEAST_1"), "ap-southeast-1");
        assert_eq!(plain_region("PUBLIC.AWS_EU_WEST_1"), "eu-west-1");
    }
}
