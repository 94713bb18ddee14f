//! What a wizard is made of: steps, what each shows and how it ends.

use std::collections::BTreeMap;

use super::known::Known;
use super::words::Words;
use crate::domain::finding::CheckId;

/// One step: one page.
pub struct Step {
    /// The word in addresses; no two steps of a kind share one.
    pub id: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// Why it is asked.
    pub why: &'static str,
    /// The checks of the diagnosis that it shows.
    pub checks: &'static [CheckId],
    /// What else the software looks at for it.
    pub reading: Option<Reading>,
    /// Whether this run needs it.
    pub needed: fn(&Known) -> bool,
    /// What the software makes of what it saw.
    pub proof: fn(&Known) -> Proof,
    /// What the person reads and does.
    pub body: fn(&Known) -> Vec<Part>,
    /// How it ends.
    pub end: End,
}

impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Step").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Step {
    /// A step with nothing to look at, always needed, ended by the person.
    pub const PLAIN: Self = Self {
        id: "",
        title: "",
        why: "",
        checks: &[],
        reading: None,
        needed: |_| true,
        proof: |_| Proof::NotSeen,
        body: |_| Vec::new(),
        end: End::Last,
    };

    /// Whether the software looks at something here.
    pub fn looks(&self) -> bool {
        !self.checks.is_empty() || self.reading.is_some()
    }

    /// Whether its answer is more than done or not: a choice or typed values, on which later steps rest.
    pub fn has_fields(&self) -> bool {
        matches!(self.end, End::Choose(_) | End::Fill { .. })
    }
}

/// What the software can look at besides a diagnosis. Each is kept once a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reading {
    /// The phone's page in CUCM, its common phone profile and the enterprise phone configuration.
    Settings,
    /// The Authentication URLs of the cluster and its servers.
    Urls,
    /// Registration by RIS, and where CUCM last saw the phone.
    Registration,
    /// The phone's own pages: trust list, status messages, network.
    PhonePages,
    /// Twenty pictures in a row.
    Series,
    /// Whether the TFTP server of the bench serves the phone's first file.
    Tftp,
    /// Registration and load once more, while somebody waits for the phone.
    Back,
    /// The cluster's security mode, rollback parameter and certificate.
    ClusterTrust,
    /// Phones of the cluster that a change of certificates makes worse.
    Danger,
    /// The snapshot before the change.
    Before,
    /// The snapshot after it, compared.
    After,
}

impl Reading {
    /// Every reading.
    pub const ALL: [Self; 11] = [
        Self::Settings,
        Self::Urls,
        Self::Registration,
        Self::PhonePages,
        Self::Series,
        Self::Tftp,
        Self::Back,
        Self::ClusterTrust,
        Self::Danger,
        Self::Before,
        Self::After,
    ];

    /// The word in the store.
    pub fn id(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Urls => "urls",
            Self::Registration => "registration",
            Self::PhonePages => "phone-pages",
            Self::Series => "series",
            Self::Tftp => "tftp",
            Self::Back => "back",
            Self::ClusterTrust => "cluster-trust",
            Self::Danger => "danger",
            Self::Before => "before",
            Self::After => "after",
        }
    }

    /// The reading of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reading| reading.id() == word)
    }

    /// What it is called in the log.
    pub fn title(self) -> &'static str {
        match self {
            Self::Settings => "the phone's settings in CUCM",
            Self::Urls => "the cluster's Authentication URLs",
            Self::Registration => "the registration",
            Self::PhonePages => "the phone's own pages",
            Self::Series => "twenty pictures in a row",
            Self::Tftp => "the TFTP server",
            Self::Back => "whether the phone is back",
            Self::ClusterTrust => "the cluster's certificate and security parameters",
            Self::Danger => "phones in danger",
            Self::Before => "the snapshot before the change",
            Self::After => "the snapshot after the change",
        }
    }

    /// Whether a look happens only when somebody asks for it: a snapshot belongs to one moment.
    pub fn only_on_demand(self) -> bool {
        matches!(self, Self::Before | Self::After | Self::Series)
    }
}

/// What the software makes of what it saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// It cannot see this; the person says.
    NotSeen,
    /// It could, but has not looked, or what it saw tells nothing.
    Unknown,
    /// It is done, or not the fault: the step is over. In a sentence.
    Good(String),
    /// It is not done, or it is the fault. In a sentence.
    Bad(String),
}

/// How a step ends.
#[derive(Debug, Clone, Copy)]
pub enum End {
    /// By what the software sees, or by the person's tick where it cannot see.
    Next {
        /// What the person confirms; empty when only the software can.
        tick: &'static str,
        /// Whether it may be left undone.
        may_skip: bool,
    },
    /// By one of these.
    Choose(&'static [Pick]),
    /// By typed values.
    Fill {
        /// The fields.
        fields: &'static [Field],
        /// What is wrong with them, by field; empty when they fit.
        check: fn(&BTreeMap<String, String>) -> BTreeMap<&'static str, String>,
    },
    /// The wizard is over.
    Last,
}

/// One of several.
#[derive(Debug, Clone, Copy)]
pub struct Pick {
    /// What the form sends.
    pub value: &'static str,
    /// What people read.
    pub label: &'static str,
    /// What it means.
    pub hint: &'static str,
}

/// One field to type into.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The name.
    pub name: &'static str,
    /// What it is.
    pub label: &'static str,
    /// What to type.
    pub hint: &'static str,
    /// What is there at first.
    pub value: &'static str,
}

/// A piece of what a person reads and does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A paragraph.
    Say(Words),
    /// Things to do, in this order.
    Do(Vec<Words>),
    /// Things without order.
    List(Vec<Words>),
    /// Fields and exactly what goes into them.
    Values(Vec<(String, String)>),
    /// Something to mind.
    Warning(Words),
    /// Something that cannot be taken back, with its heading.
    Danger(String, Words),
    /// A remedy of the phone: its word, what it is called, and whether it changes CUCM (an admin's).
    Remedy {
        /// The word in `/phones/{id}/remedies/{remedy}`.
        remedy: &'static str,
        /// What it is called.
        title: &'static str,
        /// Whether it changes something.
        changes: bool,
    },
    /// A page of ours.
    Link {
        /// Where to.
        href: String,
        /// What it is.
        label: String,
    },
    /// Lines to copy or to save.
    Lines {
        /// The word of the form in the download's address.
        id: &'static str,
        /// What it is for.
        title: &'static str,
        /// Where it goes.
        hint: &'static str,
        /// The lines.
        text: String,
    },
    /// Phones, each with why it is here.
    Phones {
        /// What they have in common.
        title: String,
        /// Number, name, and why.
        rows: Vec<(i64, String, String)>,
        /// How many there are in all.
        count: usize,
    },
}
