//! One JSON object, read strictly: every member known, given once, of its type and length.

use crate::problem::Problem;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// The longest member name that is told back.
const NAME_CHARS: usize = 32;

/// A member that an endpoint reads.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    alias: Option<&'static str>,
}

impl Field {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self { name, alias: None }
    }

    /// The name that clients of other systems use.
    pub(crate) const fn or(mut self, alias: &'static str) -> Self {
        self.alias = Some(alias);
        self
    }

    fn has_name(&self, name: &str) -> bool {
        self.name == name || self.alias == Some(name)
    }
}

/// The members of a body that are not null, by their canonical names.
pub(crate) struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    /// Reads a body that may hold these members and no others.
    pub(crate) fn read(body: &[u8], known: &[Field]) -> Result<Self, Problem> {
        let text = std::str::from_utf8(body).map_err(|_| Problem::malformed_json())?;
        let Members(members) = serde_json::from_str(text).map_err(|_| Problem::malformed_json())?;
        let mut fields = Self(Vec::with_capacity(members.len()));
        let mut names = Vec::with_capacity(members.len());
        for (name, value) in members {
            let field = known.iter().find(|field| field.has_name(&name));
            let field = field.ok_or_else(|| unknown(&name))?;
            let given = !matches!(value, Value::Null);
            if names.contains(&name) || (given && fields.value(*field).is_some()) {
                return Err(Problem::field(field.name, "This field is given twice."));
            }
            names.push(name);
            if given {
                fields.0.push((field.name, value));
            }
        }
        Ok(fields)
    }

    /// A text of at most `most` characters.
    pub(crate) fn text(&self, field: Field, most: usize) -> Result<Option<&str>, Problem> {
        let complain = |detail| Err(Problem::field(field.name, detail));
        match self.value(field) {
            None => Ok(None),
            Some(Value::Text(text)) if text.contains('\0') => {
                complain("This field has a character that is not allowed.")
            }
            Some(Value::Text(text)) if text.chars().nth(most).is_some() => {
                complain("This field is too long.")
            }
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => complain("This field must be a string."),
        }
    }

    /// A text that must be there.
    pub(crate) fn needed(&self, field: Field, most: usize) -> Result<&str, Problem> {
        let text = self.text(field, most)?;
        text.ok_or_else(|| Problem::field(field.name, "This field is missing."))
    }

    /// A truth value; false if it is not given.
    pub(crate) fn flag(&self, field: Field) -> Result<bool, Problem> {
        match self.value(field) {
            None => Ok(false),
            Some(Value::Flag(flag)) => Ok(*flag),
            Some(_) => Err(Problem::field(
                field.name,
                "This field must be true or false.",
            )),
        }
    }

    fn value(&self, field: Field) -> Option<&Value> {
        let named = self.0.iter().find(|(name, _)| *name == field.name);
        named.map(|(_, value)| value)
    }
}

/// Names the member only if it has the letters of a field name: what is told back can be no number, code or token.
fn unknown(name: &str) -> Problem {
    let tame = |b: u8| b.is_ascii_lowercase() || b == b'_';
    let told = if (1..=NAME_CHARS).contains(&name.len()) && name.bytes().all(tame) {
        Cow::Owned(name.to_owned())
    } else {
        Cow::Borrowed("unknown")
    };
    Problem::field(told, "This field is not known here.")
}

/// All members in order, repeated ones too.
struct Members(Vec<(String, Value)>);

enum Value {
    Null,
    Flag(bool),
    Text(String),
    /// A number, an array or an object: no endpoint reads one.
    Other,
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Flag(flag))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    /// Read through and not skipped: the reader's limit on nesting holds for what is read.
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        while seq.next_element::<Value>()?.is_some() {}
        Ok(Value::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        while map.next_entry::<String, Value>()?.is_some() {}
        Ok(Value::Other)
    }
}
