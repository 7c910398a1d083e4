//! Regions: two letters or a calling code, nothing else.

use otp_core::{PhoneError, Region, RegionError};

#[test]
fn regions_are_letters_or_calling_codes() {
    for (text, letters, code) in [
        ("IR", "IR", 98),
        ("ir", "IR", 98),
        ("+98", "IR", 98),
        ("98", "IR", 98),
        ("0098", "IR", 98),
        ("1", "US", 1),
        ("+7", "RU", 7),
        ("GB", "GB", 44),
        ("gg", "GG", 44),
        ("971", "AE", 971),
    ] {
        let region: Region = text.parse().unwrap();
        assert_eq!(
            (region.as_str(), region.country_code()),
            (letters, code),
            "{text}"
        );
        assert_eq!(region.to_string(), letters);
    }
}

#[test]
fn unknown_regions_are_refused() {
    for text in [
        "",
        "+",
        "00",
        "0",
        "I",
        "IRN",
        "ZZ",
        "XX",
        "800",
        "+999",
        "098",
        "+098",
        "00098",
        "++98",
        "+98 ",
        " IR",
        "1242",
        "9999999999999",
        "۹۸",
        "\u{130}R",
        "I\0",
        "İ",
        "+-1",
        "0x62",
        "国",
    ] {
        let refused: RegionError = text.parse::<Region>().unwrap_err();
        assert_eq!(
            PhoneError::from(refused),
            PhoneError::UnknownRegion(refused)
        );
    }
}

#[cfg(feature = "serde")]
#[test]
fn a_region_is_a_string_as_data() {
    let iran: Region = serde_json::from_str("\"+98\"").unwrap();
    assert_eq!(serde_json::to_string(&iran).unwrap(), "\"IR\"");
    assert!(serde_json::from_str::<Region>("\"ZZ\"").is_err());
    assert!(serde_json::from_str::<Region>("98").is_err());
}
