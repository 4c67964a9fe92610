//! SYSTEM$SEND_EMAIL, SYSTEM$SEND_SNOWFLAKE_NOTIFICATION, and what tasks send of themselves.

use super::super::super::access::fold_name;
use super::super::super::bind::Bound;
use super::super::super::catalog::{Kind, Object, Options};
use super::super::super::engine::Engine;
use super::super::super::error::{SfError, SfResult};
use super::super::super::notify::{self, messages, targets};
use super::super::super::scheduler::{GraphRecord, TaskRun};
use super::super::super::session::Cx;
use super::super::super::types::Ty;
use super::integration::{list, required};
use serde_json::{Map, Value, json};

/// Where a parameter of a notification comes from: the procedure's arguments as text.
type Args<'a> = &'a [Option<String>];

/// Whether CALL means one of the procedures here.
#[must_use]
pub fn is_procedure(name: &str) -> bool {
    matches!(name, "SYSTEM$SEND_EMAIL" | "SYSTEM$SEND_SNOWFLAKE_NOTIFICATION")
}

/// Runs one of them.
///
/// # Errors
/// 000938 for a wrong number of arguments; what the integration refuses: then nothing is sent.
pub fn procedure(cx: &Cx<'_>, name: &str, args: Args<'_>) -> SfResult<Bound> {
    let (least, most) = if name == "SYSTEM$SEND_EMAIL" { (4, 9) } else { (2, 2) };
    if !(least..=most).contains(&args.len()) {
        let what = if args.len() < least { "not enough" } else { "too many" };
        let text = format!("{what} arguments for function [{name}()], expected {least}, got {}", args.len());
        return Err(SfError::compile("000938", "22023", text));
    }
    if name == "SYSTEM$SEND_EMAIL" {
        email(cx, args)?;
        return Ok(Bound { nullable: false, ..Bound::new("true", Ty::Boolean) });
    }
    notification(cx, args)?;
    Ok(Bound::text("Enqueued notifications"))
}

fn text(args: Args<'_>, n: usize) -> String {
    args.get(n).cloned().flatten().unwrap_or_default()
}

fn enabled<'a>(object: &'a Object, ty: &str) -> SfResult<&'a Options> {
    let bare = object.bare();
    let wrong = |text: String| SfError::compile("001008", "22023", text);
    let options = notify::options_of(object).ok_or_else(|| wrong(format!("Integration '{bare}' cannot notify.")))?;
    if !ty.is_empty() && notify::type_of(object).as_deref() != Some(ty) {
        return Err(wrong(format!("Integration '{bare}' is not of TYPE = {ty}.")));
    }
    if options.get("ENABLED").is_none_or(|e| !e.eq_ignore_ascii_case("true")) {
        return Err(SfError::new("001009", "22023", format!("Integration '{bare}' is not enabled.")));
    }
    Ok(options)
}

/// Refuses addresses that the integration does not allow. Without ALLOWED_RECIPIENTS anybody will do, as nothing leaves
/// this machine.
fn allowed(options: &Options, all: &[String]) -> SfResult<()> {
    let valid = |a: &str| a.split_once('@').is_some_and(|(who, host)| !who.is_empty() && !host.is_empty());
    let known = options.get("ALLOWED_RECIPIENTS").map(|l| list(l));
    let fine = |a: &str| valid(a) && known.as_ref().is_none_or(|k| k.iter().any(|x| x.eq_ignore_ascii_case(a)));
    let wrong: Vec<String> =
        all.iter().enumerate().filter(|(_, a)| !fine(a)).map(|(i, _)| (i + 1).to_string()).collect();
    if wrong.is_empty() && !all.is_empty() {
        return Ok(());
    }
    let text = format!(
        "Email recipients in the given list at indexes: [{}] are not allowed. Either these email addresses are not yet validated or do not belong to any user in the current account.",
        wrong.join(", ")
    );
    Err(SfError::new("394209", "22023", text))
}

fn addresses(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|a| !a.is_empty()).map(str::to_owned).collect()
}

/// `(integration, recipients, subject, body [, MIME type [, cc [, bcc]]])`.
fn email(cx: &Cx<'_>, args: Args<'_>) -> SfResult<()> {
    let object = required(cx, &fold_name(&text(args, 0)))?;
    let options = enabled(&object, "EMAIL")?;
    let mime = args.get(4).cloned().flatten().unwrap_or_else(|| "text/plain".into());
    if !matches!(mime.as_str(), "text/plain" | "text/html") {
        return Err(SfError::compile("001008", "22023", format!("invalid value [{mime}] for parameter 'MIME_TYPE'")));
    }
    let lists =
        [("to", addresses(&text(args, 1))), ("cc", addresses(&text(args, 5))), ("bcc", addresses(&text(args, 6)))];
    let all: Vec<String> = lists.iter().flat_map(|(_, l)| l.iter().cloned()).collect();
    allowed(options, &all)?;
    let mut message = Map::new();
    message.insert("subject".into(), text(args, 2).into());
    for (key, list) in lists.into_iter().filter(|(_, l)| !l.is_empty()) {
        message.insert(key.into(), list.into());
    }
    message.insert(mime, text(args, 3).into());
    cx.engine.outbox.send(cx.engine, &object, &message.into(), "SEND_EMAIL", None)
}

/// `(messages, targets)`: each message that a target takes goes to it; all are checked before the first is sent.
fn notification(cx: &Cx<'_>, args: Args<'_>) -> SfResult<()> {
    let messages = messages(&text(args, 0))?;
    let mut letters = Vec::new();
    for target in targets(&text(args, 1))? {
        let object = required(cx, &fold_name(&target.integration))?;
        let options = enabled(&object, "")?;
        let ty = notify::type_of(&object).unwrap_or_default();
        let takes = |mime: &str| match ty.as_str() {
            "EMAIL" => matches!(mime, "text/html" | "text/plain"),
            "WEBHOOK" => mime != "text/html",
            _ => matches!(mime, "application/json" | "text/plain"),
        };
        let fitting: Vec<_> = messages.iter().filter(|m| m.keys().any(|k| takes(k))).collect();
        if fitting.is_empty() {
            let text = format!("No message has a format that integration '{}' takes.", object.bare());
            return Err(SfError::compile("001008", "22023", text));
        }
        let extra = if ty == "EMAIL" { recipients(options, &target.options)? } else { Map::new() };
        for message in fitting {
            let mut letter = extra.clone();
            letter.extend(message.clone().into_iter().filter(|(k, _)| takes(k)));
            letters.push((object.clone(), letter));
        }
    }
    for (object, letter) in letters {
        cx.engine.outbox.send(cx.engine, &object, &letter.into(), "SEND_NOTIFICATION", None)?;
    }
    Ok(())
}

/// Subject and addresses of an e-mail: the target's, else the integration's.
fn recipients(options: &Options, given: &Map<String, Value>) -> SfResult<Map<String, Value>> {
    let named = |key: &str| -> Vec<String> {
        given
            .get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|v| v.as_str().map(str::to_owned))
            .collect()
    };
    let mut to = named("toAddress");
    if to.is_empty() {
        to = options.get("DEFAULT_RECIPIENTS").map(|l| list(l)).unwrap_or_default();
    }
    let (cc, bcc) = (named("ccAddress"), named("bccAddress"));
    allowed(options, &[to.clone(), cc.clone(), bcc.clone()].concat())?;
    let subject = given.get("subject").and_then(Value::as_str).or(options.get("DEFAULT_SUBJECT").map(String::as_str));
    let mut out = Map::new();
    out.insert("subject".into(), subject.unwrap_or("Snowflake Email Notification").into());
    for (key, list) in [("to", to), ("cc", cc), ("bcc", bcc)] {
        if !list.is_empty() {
            out.insert(key.into(), list.into());
        }
    }
    Ok(out)
}

/// What a task's ERROR_INTEGRATION or SUCCESS_INTEGRATION is told. A message that cannot be written is logged: the run's own
/// outcome stays.
pub fn task_ended(engine: &Engine, integration: &str, graph: &GraphRecord, run: &TaskRun) {
    let catalog = engine.catalog();
    let Some(object) = catalog.get(Kind::Integration, &[integration]) else {
        return tracing::warn!(integration, "a task's notification integration is gone");
    };
    let time =
        |ms: i64| chrono::DateTime::from_timestamp_millis(ms).map(|t| t.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string());
    let failed = run.state.is_failure();
    let mut about = json!({
        "runId": run.key.run_id.to_string(),
        "scheduledTime": time(run.scheduled_ms),
        "queryStartTime": run.started_ms.and_then(time),
        "completedTime": run.ended_ms.and_then(time),
        "queryId": run.query_id,
    });
    if let (Some((code, text)), Some(map)) = (&run.error, about.as_object_mut()) {
        map.insert("errorCode".into(), code.clone().into());
        map.insert("errorMessage".into(), text.clone().into());
    }
    let body = json!({
        "version": "1.0",
        "messageId": uuid::Uuid::new_v4().to_string(),
        "messageType": if failed { "USER_TASK_FAILED" } else { "USER_TASK_SUCCEEDED" },
        "timestamp": time(engine.clock.now_ms()),
        "accountName": engine.account,
        "taskName": run.name.join("."),
        "taskId": catalog.by_id(run.task).and_then(|o| super::super::task::graph::task_of(o)).map(|t| t.uuid.clone()),
        "rootTaskName": graph.name.join("."),
        "rootTaskId": graph.root_uuid,
        "messages": [about],
    });
    let info = json!({ "taskName": run.name.join("."), "runId": run.key.run_id.to_string() }).to_string();
    let letter = json!({ "application/json": body.to_string() });
    if let Err(e) = engine.outbox.send(engine, object, &letter, "TASK", Some(info)) {
        tracing::error!("a task's notification cannot be written: {e}");
    }
}
