//! Walks through long lists, in pages that shrink when CUCM asks for it.

use std::marker::PhantomData;

use super::error::{Error, Service};
use super::requests::AxlRequest;
use super::soap::read_list;
use super::{Cucm, LineRow, PhoneRow, Urgency, rows, sql};

/// How often one page is halved before the walk gives up.
const MAX_SHRINKS: usize = 5;

/// A walk through all rows, page by page.
#[derive(Debug)]
pub struct Pages<Row> {
    cucm: Cucm,
    skip: usize,
    first: usize,
    ended: bool,
    sql_refused: bool,
    row: PhantomData<fn() -> Row>,
}

/// One page: its rows, and how many CUCM sent (some may be no phones).
struct Page<Row> {
    rows: Vec<Row>,
    sent: usize,
}

impl<Row> Pages<Row> {
    pub(super) fn new(cucm: Cucm) -> Self {
        Self {
            first: cucm.inner.settings.page_rows.max(1),
            cucm,
            skip: 0,
            ended: false,
            sql_refused: false,
            row: PhantomData,
        }
    }

    fn advance(&mut self, page: Page<Row>) -> Vec<Row> {
        self.skip += page.sent;
        self.ended = page.sent < self.first;
        page.rows
    }

    async fn sql(&self, sql: String, row: impl Fn(&super::xml::Element) -> Option<Row>) -> Result<Page<Row>, Error> {
        let found = self.cucm.inner.query(sql, Urgency::Background, row).await?;
        let sent = found.len();
        Ok(Page {
            rows: found.into_iter().flatten().collect(),
            sent,
        })
    }

    /// Makes the page smaller where the error asks for it; otherwise the error comes back.
    fn shrink(&mut self, error: Error, shrinks: &mut usize) -> Result<(), Error> {
        let Some(smaller) = smaller_page(&error, self.first).filter(|_| *shrinks < MAX_SHRINKS) else {
            return Err(error);
        };
        *shrinks += 1;
        self.first = smaller;
        Ok(())
    }
}

impl Pages<PhoneRow> {
    /// The next page; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<PhoneRow>>, Error> {
        let mut shrinks = 0;
        while !self.ended {
            let page = if self.sql_refused {
                self.listed().await
            } else {
                self.sql(sql::phones(self.skip, self.first), rows::phone_from_sql).await
            };
            match page {
                Ok(page) => return Ok(Some(self.advance(page))),
                Err(error) if !self.sql_refused && self.skip == 0 && is_sql_refused(&error) => self.sql_refused = true,
                Err(error) => self.shrink(error, &mut shrinks)?,
            }
        }
        Ok(None)
    }

    async fn listed(&self) -> Result<Page<PhoneRow>, Error> {
        let request = AxlRequest::ListPhone {
            skip: self.skip,
            first: self.first,
        };
        let answer = self.cucm.inner.axl(&request, Urgency::Background).await?;
        let mut page = Page {
            rows: Vec::new(),
            sent: 0,
        };
        read_list(Service::Axl, &answer, "phone", |phone| {
            page.sent += 1;
            page.rows.extend(rows::phone_from_list(phone));
        })?;
        Ok(page)
    }
}

impl Pages<LineRow> {
    /// The next page; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<LineRow>>, Error> {
        let mut shrinks = 0;
        while !self.ended {
            match self.sql(sql::lines(self.skip, self.first), rows::line_from_sql).await {
                Ok(page) => return Ok(Some(self.advance(page))),
                Err(error) => self.shrink(error, &mut shrinks)?,
            }
        }
        Ok(None)
    }
}

/// Whether AXL answers but not to this query: a fault that is no limit.
fn is_sql_refused(error: &Error) -> bool {
    matches!(error, Error::Fault { fault, .. } if fault.suggested_rows().is_none() && !fault.is_memory_limit())
}

/// The page size to try after an error: 0.7 of what CUCM suggests (its number is an estimate), else half.
fn smaller_page(error: &Error, first: usize) -> Option<usize> {
    let half = first / 2;
    let smaller = match error {
        Error::Fault { fault, .. } => match fault.suggested_rows()? / 10 * 7 {
            suggested if suggested < first => suggested.max(1),
            _ => half,
        },
        Error::Truncated { .. } | Error::TooLong { .. } => half,
        _ => return None,
    };
    (1..first).contains(&smaller).then_some(smaller)
}
