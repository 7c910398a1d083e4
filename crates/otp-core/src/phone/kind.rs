use rlibphonenumber::PhoneNumberType;

/// What a numbering plan assigns a number to, by the rules of Google's libphonenumber. It knows ranges, not
/// subscribers: in North America mobile and fixed numbers cannot be told apart, and a number that was moved to
/// another service keeps its range's kind. Short codes are no phone numbers and are not read as any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum NumberKind {
    /// A mobile phone.
    Mobile,
    /// One or the other, where the plan does not say.
    FixedLineOrMobile,
    /// A land line.
    FixedLine,
    /// A number over the Internet. Few take text messages, and whole blocks of them are rented by the hour.
    Voip,
    /// A number that follows its owner to other numbers, at a price that the owner's provider sets.
    Personal,
    /// Its owner pays for calls; a company's, not a person's.
    TollFree,
    /// Caller and owner share what a call costs.
    SharedCost,
    /// The caller pays the owner.
    PremiumRate,
    /// A company's one number for all its places.
    UniversalAccess,
    /// A mailbox for spoken messages.
    Voicemail,
    /// A pager.
    Pager,
}

impl NumberKind {
    /// The name in policies and audit events.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Mobile => "mobile",
            Self::FixedLineOrMobile => "fixed_line_or_mobile",
            Self::FixedLine => "fixed_line",
            Self::Voip => "voip",
            Self::Personal => "personal",
            Self::TollFree => "toll_free",
            Self::SharedCost => "shared_cost",
            Self::PremiumRate => "premium_rate",
            Self::UniversalAccess => "universal_access",
            Self::Voicemail => "voicemail",
            Self::Pager => "pager",
        }
    }

    /// `None` for a number that is not assigned to anything.
    pub(super) const fn of(kind: PhoneNumberType) -> Option<Self> {
        Some(match kind {
            PhoneNumberType::Mobile => Self::Mobile,
            PhoneNumberType::FixedLineOrMobile => Self::FixedLineOrMobile,
            PhoneNumberType::FixedLine => Self::FixedLine,
            PhoneNumberType::VoIP => Self::Voip,
            PhoneNumberType::PersonalNumber => Self::Personal,
            PhoneNumberType::TollFree => Self::TollFree,
            PhoneNumberType::SharedCost => Self::SharedCost,
            PhoneNumberType::PremiumRate => Self::PremiumRate,
            PhoneNumberType::UAN => Self::UniversalAccess,
            PhoneNumberType::VoiceMail => Self::Voicemail,
            PhoneNumberType::Pager => Self::Pager,
            PhoneNumberType::Unknown => return None,
        })
    }
}
