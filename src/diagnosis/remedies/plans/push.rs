//! Remedies that make the phone start anew, or take its configuration.

use super::super::plan::{Act, Confirm, Plan, Push, device};
use super::super::push::Call;
use super::super::types::Change;
use super::super::{Case, RemedyError, Shared};
use super::cucm::only_resets;

impl Shared {
    pub(in crate::diagnosis::remedies) async fn plan_push(&self, case: &Case, push: Push) -> Result<Plan, RemedyError> {
        let device = device(&case.subject)?;
        let detail = case.subject.cucm.get_phone(&device).await?;
        let resets = push == Push::Reset || (push == Push::Apply && only_resets(&case.subject));
        let interrupts = resets || push == Push::Restart;
        let (to, effect) = match push {
            Push::Apply if !resets => ("takes its configuration anew", "The phone restarts only when it must."),
            Push::Restart => ("registers anew", "The phone is away for about a minute."),
            _ => (
                "starts anew from nothing",
                "The phone is away for a minute or two, and a call on it ends.",
            ),
        };
        let read = format!("{push:?} {device} {}", detail.version_stamp);
        let mut plan = Plan {
            read,
            needs_token: interrupts,
            ..Plan::new(Act::Push(push, device), vec![Change::new("The phone", "runs", to)])
        };
        plan.warnings.push(effect.to_owned());
        plan.warnings
            .push("CUCM gives the order to the device of this name, whatever answers at its address.".to_owned());
        let why = match self.call(&case.subject).await {
            Call::None => Some("the phone is away for a while").filter(|_| interrupts),
            Call::Busy => {
                plan.warnings.push("The phone is in a call now.".to_owned());
                Some("the phone is in a call, which may end")
            }
            Call::Unknown => {
                plan.warnings
                    .push("Whether the phone is in a call cannot be seen: it does not tell.".to_owned());
                Some("a call on the phone may end, and whether there is one cannot be seen")
            }
        };
        if let Some(driver) = self.parts.control.driver(case.subject.phone.id) {
            plan.warnings.push(format!("{} drives this phone now.", driver.name));
        }
        plan.confirm = why.map(|why| Confirm {
            expected: case.subject.phone.name.clone(),
            why: why.to_owned(),
        });
        Ok(plan)
    }
}
