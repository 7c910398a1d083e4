//! From templates to a dialect's text.

use crate::dialect::Dialect;
use crate::link::Sql;
use std::fmt::Write as _;

/// Fills templates in: `?` is numbered where the dialect numbers, `{lock}` and `{skip}` lock rows where it can.
pub(super) struct Templates(pub(super) Dialect);

/// A statement over a list of rows or keys, whose text depends on how many there are.
#[derive(Debug)]
pub(crate) struct Many {
    dialect: Dialect,
    head: &'static str,
    each: &'static str,
    tail: &'static str,
    /// For one of them, for two and so on: a verb has few, and making the text takes as long as sending it.
    ready: Vec<Sql>,
}

const READY: usize = 8;

impl Templates {
    pub(super) fn one(&self, template: &str) -> Sql {
        text(self.0, template)
    }

    pub(super) fn many(&self, head: &'static str, each: &'static str, tail: &'static str) -> Many {
        let mut many = Many {
            dialect: self.0,
            head,
            each,
            tail,
            ready: Vec::new(),
        };
        many.ready = (1..=READY).map(|count| many.made(count)).collect();
        many
    }

    /// An insert that meets one row if it made it, and any other number if one with its key was there.
    ///
    /// MySQL has no such thing. There `touched` changes the row that was met, which counts as two, and is rolled back;
    /// a plain insert would leave a shared lock behind, and two who want more of it deadlock.
    pub(super) fn insert_if_absent(
        &self,
        head: &'static str,
        each: &'static str,
        touched: &'static str,
    ) -> Sql {
        let absent = " ON CONFLICT DO NOTHING";
        self.many(head, each, self.0.pick(absent, touched, absent))
            .of(1)
    }
}

impl Many {
    /// The statement for `count` of them.
    pub(crate) fn of(&self, count: usize) -> Sql {
        let ready = self.ready.get(count.wrapping_sub(1));
        ready.map_or_else(|| self.made(count), Sql::clone)
    }

    fn made(&self, count: usize) -> Sql {
        let list = vec![self.each; count].join(", ");
        text(self.dialect, &[self.head, &list, self.tail].concat())
    }
}

fn text(dialect: Dialect, template: &str) -> Sql {
    let lock = dialect.pick(" FOR UPDATE", " FOR UPDATE", "");
    let skip = dialect.pick(" FOR UPDATE SKIP LOCKED", "", "");
    let filled = template.replace("{lock}", lock).replace("{skip}", skip);
    if dialect != Dialect::Postgres {
        return filled.into();
    }
    let mut numbered = String::with_capacity(filled.len() + 32);
    let mut count = 0;
    for piece in filled.chars() {
        if piece == '?' {
            count += 1;
            let _ = write!(numbered, "${count}");
        } else {
            numbered.push(piece);
        }
    }
    numbered.into()
}
