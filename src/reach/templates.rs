//! Messages that are sent often, kept under a name.

use super::limits::check_name;
use super::{Reach, ReachError, check_text, limits};
use crate::audit::{self, Action, Event, action};
use crate::domain::ids::TemplateId;
use crate::domain::job::Text;
use crate::security::{May, ReachPeople, Viewer};
use crate::store::{self, WriteTx, reach::templates as rows};

/// A message under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The row.
    pub id: TemplateId,
    /// Its name.
    pub name: String,
    /// The message.
    pub text: Text,
    /// Unix milliseconds.
    pub updated_at: i64,
    /// Who saved it last.
    pub updated_by: String,
}

impl Reach {
    /// All templates by name.
    ///
    /// # Errors
    /// [`ReachError::Denied`], [`ReachError::Store`].
    pub async fn templates(&self, viewer: &Viewer) -> Result<Vec<Template>, ReachError> {
        let _may: May<ReachPeople> = viewer.may()?;
        let rows = rows::all(&self.shared.store).await?;
        Ok(rows.into_iter().map(template).collect::<Result<_, store::Error>>()?)
    }

    /// One template.
    ///
    /// # Errors
    /// [`ReachError::Unknown`], [`ReachError::Denied`], [`ReachError::Store`].
    pub async fn template(&self, viewer: &Viewer, id: TemplateId) -> Result<Template, ReachError> {
        let _may: May<ReachPeople> = viewer.may()?;
        let row = rows::find(&self.shared.store, id).await?;
        Ok(template(row.ok_or(ReachError::Unknown("template"))?)?)
    }

    /// Keeps a message under a new name.
    ///
    /// # Errors
    /// [`ReachError::Invalid`], [`ReachError::NameTaken`], [`ReachError::TooMany`], [`ReachError::Store`].
    pub async fn add_template(
        &self,
        may: &May<ReachPeople>,
        name: &str,
        text: &Text,
    ) -> Result<TemplateId, ReachError> {
        let (name, message) = checked(name, text)?;
        let shared = &self.shared;
        let mut tx = shared.store.begin().await?;
        let most = limits().kept;
        if usize::try_from(rows::count(&mut tx).await?).is_ok_and(|count| count >= most) {
            return Err(ReachError::TooMany(format!("{most} templates are kept already")));
        }
        let id = rows::insert(&mut tx, name, &message, shared.clock.now_ms(), &may.name)
            .await
            .map_err(taken)?;
        self.note(&mut tx, may, action::TEMPLATE_SAVED, name).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Changes a template.
    ///
    /// # Errors
    /// [`ReachError::Invalid`], [`ReachError::NameTaken`], [`ReachError::Unknown`], [`ReachError::Store`].
    pub async fn save_template(
        &self,
        may: &May<ReachPeople>,
        id: TemplateId,
        name: &str,
        text: &Text,
    ) -> Result<(), ReachError> {
        let (name, message) = checked(name, text)?;
        let mut tx = self.shared.store.begin().await?;
        let now = self.shared.clock.now_ms();
        let changed = rows::update(&mut tx, id, name, &message, now, &may.name)
            .await
            .map_err(taken)?;
        if !changed {
            return Err(ReachError::Unknown("template"));
        }
        self.note(&mut tx, may, action::TEMPLATE_SAVED, name).await?;
        Ok(tx.commit().await?)
    }

    /// Removes a template.
    ///
    /// # Errors
    /// [`ReachError::Unknown`], [`ReachError::Store`].
    pub async fn remove_template(&self, may: &May<ReachPeople>, id: TemplateId) -> Result<(), ReachError> {
        let mut tx = self.shared.store.begin().await?;
        let name = rows::remove(&mut tx, id).await?;
        let name = name.ok_or(ReachError::Unknown("template"))?;
        self.note(&mut tx, may, action::TEMPLATE_REMOVED, &name).await?;
        Ok(tx.commit().await?)
    }

    /// A line in the trail about something that is kept.
    pub(super) async fn note(
        &self,
        tx: &mut WriteTx,
        viewer: &Viewer,
        action: Action,
        detail: &str,
    ) -> Result<(), ReachError> {
        let event = Event::new(self.shared.clock.now_ms(), viewer.actor(), action).detail(detail);
        audit::record(tx, &event).await?;
        Ok(())
    }
}

fn checked<'a>(name: &'a str, text: &Text) -> Result<(&'a str, String), ReachError> {
    let name = check_name(name)?;
    check_text(text)?;
    let message = serde_json::to_string(text).map_err(|error| ReachError::invalid("text", error.to_string()))?;
    Ok((name, message))
}

fn template(row: rows::Row) -> Result<Template, store::Error> {
    Ok(Template {
        id: TemplateId(row.id),
        name: row.name,
        text: serde_json::from_str(&row.message).map_err(|_| store::Error::Corrupt("message_template.message"))?,
        updated_at: row.updated_at,
        updated_by: row.updated_by,
    })
}

/// A name that is taken is the typist's matter; the rest is the store's.
pub(super) fn taken(error: store::Error) -> ReachError {
    match error {
        store::Error::Duplicate(what) => ReachError::NameTaken(what),
        other => ReachError::Store(other),
    }
}
