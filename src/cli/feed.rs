//! `snowdeck feed`: transactions that happen now, into the profile's bucket.

use super::args::{Feed, Global};
use super::desk::{self, Desk};
use super::failure::Failure;
use super::generate::kind_of_data;
use super::output;
use crate::jobs::feed::{self, FeedSpec};
use crate::jobs::run::key_layout;

pub async fn run(global: &Global, args: Feed) -> Result<(), Failure> {
    desk::may_change(global, "store objects")?;
    let model = kind_of_data(args.preset.as_deref(), args.recipe.as_deref())?;
    let spec = FeedSpec { rate: args.rate, duration: args.duration, every: args.every, seed: args.seed, model };
    let pipeline = desk::pipeline(global)?;
    desk::at(global, async |desk: &Desk| {
        let key = key_layout(&pipeline)?;
        let fed = feed::run(&desk.context(), desk.services.store.clone(), &key, &spec).await?;
        desk.quiet();
        if global.json {
            return output::json(&fed);
        }
        output::line(&format!(
            "{} transactions in {} files, {} bytes, in {:.1} s: {:.1} a second of {} asked",
            fed.transactions, fed.files, fed.bytes, fed.seconds, fed.rate, fed.asked_rate
        ))
    })
    .await
}
