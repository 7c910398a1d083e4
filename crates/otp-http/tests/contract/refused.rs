//! Bodies that are refused for one field.

pub(crate) const SEND: &str = "/send-otp";
pub(crate) const RESEND: &str = "/resend-otp";
pub(crate) const VERIFY: &str = "/verify-otp";
pub(crate) const REGISTER: &str = "/complete-registration";
pub(crate) const REFRESH: &str = "/refresh-token";
pub(crate) const LOGOUT: &str = "/logout";

/// Path, body, the field that is named. In bodies, `P` is a good number's member and `C` a good challenge's.
pub(crate) const REFUSED: &[(&str, &str, &str)] = &[
    // Missing, or null, which is the same.
    (SEND, "{}", "phone_number"),
    (SEND, r#"{"phone_number":null}"#, "phone_number"),
    (SEND, r#"{"mobile_number":null}"#, "phone_number"),
    (VERIFY, r#"{P,C}"#, "code"),
    (VERIFY, r#"{C,"code":"123456"}"#, "phone_number"),
    (VERIFY, r#"{P,"code":"123456"}"#, "challenge_id"),
    (RESEND, r#"{P}"#, "challenge_id"),
    (REFRESH, "{}", "refresh_token"),
    (
        REGISTER,
        r#"{P,"registration_ticket":"x"}"#,
        "consent_version",
    ),
    (REGISTER, r#"{P,"consent_version":"1"}"#, "consent_text_id"),
    (
        REGISTER,
        r#"{P,"consent_version":" ","consent_text_id":"a"}"#,
        "consent_version",
    ),
    // No language.
    (SEND, r#"{P,"locale":""}"#, "locale"),
    (SEND, r#"{P,"locale":"english"}"#, "locale"),
    (SEND, r#"{P,"locale":"pt-BR-x-evil"}"#, "locale"),
    (SEND, r#"{P,"locale":["hi"]}"#, "locale"),
    (RESEND, r#"{P,C,"locale":"हि"}"#, "locale"),
    // Given twice, by one name or by two.
    (SEND, r#"{P,P}"#, "phone_number"),
    (
        SEND,
        r#"{P,"mobile_number":"+919876543211"}"#,
        "phone_number",
    ),
    (
        SEND,
        r#"{"mobile_number":"+919876543211","mobile_number":"+919876543212"}"#,
        "phone_number",
    ),
    (SEND, r#"{P,"channel":null,"channel":"sms"}"#, "channel"),
    (VERIFY, r#"{P,C,"code":"123456","otp":"123456"}"#, "code"),
    (VERIFY, r#"{P,C,"code":"123456","code":"654321"}"#, "code"),
    (
        VERIFY,
        r#"{P,C,"code":"123456","\u0063ode":"654321"}"#,
        "code",
    ),
    // Not known, here or at all.
    (SEND, r#"{P,"is_admin":true}"#, "is_admin"),
    (SEND, r#"{P,"code":"123456"}"#, "code"),
    (SEND, r#"{P,"123456":"x"}"#, "unknown"),
    (SEND, r#"{P,"Phone_Number":"x"}"#, "unknown"),
    (SEND, r#"{P,"":"x"}"#, "unknown"),
    (
        SEND,
        r#"{P,"a_name_that_is_longer_than_any_of_a_field":1}"#,
        "unknown",
    ),
    (
        VERIFY,
        r#"{P,C,"code":"123456","remember_me":true}"#,
        "remember_me",
    ),
    (
        VERIFY,
        r#"{P,C,"code":"123456","is_new_user":false}"#,
        "is_new_user",
    ),
    (
        REFRESH,
        r#"{"refresh_token":"x","roles":["admin"]}"#,
        "roles",
    ),
    (LOGOUT, r#"{"session_id":"x"}"#, "session_id"),
    // Of another type.
    (SEND, r#"{"phone_number":919876543210}"#, "phone_number"),
    (
        SEND,
        r#"{"phone_number":["+919876543210"]}"#,
        "phone_number",
    ),
    (SEND, r#"{"phone_number":{"$ne":null}}"#, "phone_number"),
    (SEND, r#"{"phone_number":true}"#, "phone_number"),
    (SEND, r#"{P,"country_code":91}"#, "country_code"),
    (SEND, r#"{P,"remember_me":"true"}"#, "remember_me"),
    (SEND, r#"{P,"remember_me":1}"#, "remember_me"),
    (SEND, r#"{P,"device_info":{"os":"linux"}}"#, "device_info"),
    (VERIFY, r#"{P,C,"code":123456}"#, "code"),
    (VERIFY, r#"{P,C,"code":["123456","654321"]}"#, "code"),
    (VERIFY, r#"{P,C,"otp":123456.0}"#, "code"),
    (
        VERIFY,
        r#"{P,"challenge_id":1,"code":"123456"}"#,
        "challenge_id",
    ),
    (REFRESH, r#"{"refresh_token":["a"]}"#, "refresh_token"),
    (LOGOUT, r#"{"all":"yes"}"#, "all"),
    // Numbers that are none, each for its own reason.
    (SEND, r#"{"phone_number":""}"#, "phone_number"),
    (SEND, r#"{"phone_number":"+9198765"}"#, "phone_number"),
    (
        SEND,
        r#"{"phone_number":"+9198765432101234"}"#,
        "phone_number",
    ),
    (
        SEND,
        r#"{"phone_number":"+91 1111 111 111"}"#,
        "phone_number",
    ),
    (SEND, r#"{"phone_number":"9876543210"}"#, "phone_number"),
    (
        SEND,
        r#"{"phone_number":"+1 415 555 2671 x12"}"#,
        "phone_number",
    ),
    (
        SEND,
        r#"{"phone_number":"tel:+919876543210"}"#,
        "phone_number",
    ),
    (SEND, r#"{"phone_number":"1-800-FLOWERS"}"#, "phone_number"),
    (
        SEND,
        r#"{"phone_number":"+919876543210\n"}"#,
        "phone_number",
    ),
    (
        SEND,
        r#"{"phone_number":"+919876543210\u0000"}"#,
        "phone_number",
    ),
    (SEND, r#"{"phone_number":"+91@9876543210"}"#, "phone_number"),
    (SEND, r#"{"phone_number":"++919876543210"}"#, "phone_number"),
    (SEND, r#"{"phone_number":"+999 123456789"}"#, "phone_number"),
    (SEND, r#"{P,"country_code":"XX"}"#, "country_code"),
    (SEND, r#"{P,"country_code":""}"#, "country_code"),
    (SEND, r#"{P,"country_code":"+999"}"#, "country_code"),
    (REGISTER, r#"{P,"country_code":"XX"}"#, "country_code"),
    // Codes that are none.
    (VERIFY, r#"{P,C,"code":""}"#, "code"),
    (VERIFY, r#"{P,C,"code":"12345"}"#, "code"),
    (VERIFY, r#"{P,C,"code":"12345678901"}"#, "code"),
    (VERIFY, r#"{P,C,"code":"12345a"}"#, "code"),
    (VERIFY, r#"{P,C,"code":"١٢٣٤٥٦"}"#, "code"),
    (VERIFY, r#"{P,C,"code":"１２３４５６"}"#, "code"),
    (VERIFY, r#"{P,C,"code":"123456\u0000"}"#, "code"),
    (VERIFY, r#"{P,C,"code":"123456\n"}"#, "code"),
    (VERIFY, r#"{P,C,"code":"0x1E240"}"#, "code"),
    (
        VERIFY,
        r#"{P,C,"code":"                                 123456"}"#,
        "code",
    ),
    // The rest.
    (
        VERIFY,
        r#"{P,"challenge_id":"short","code":"123456"}"#,
        "challenge_id",
    ),
    (
        VERIFY,
        r#"{P,"challenge_id":"AAAAAAAAAAAAAAAAAAAAA=","code":"123456"}"#,
        "challenge_id",
    ),
    (SEND, r#"{P,"channel":"pigeon"}"#, "channel"),
    (SEND, r#"{P,"channel":"SMS"}"#, "channel"),
    (SEND, r#"{P,"device_id":""}"#, "device_id"),
    (SEND, r#"{P,"device_id":"two words"}"#, "device_id"),
    (SEND, r#"{P,"device_id":"é"}"#, "device_id"),
    (SEND, r#"{P,"device_info":"a\u0000b"}"#, "device_info"),
    (REGISTER, r#"{P,"first_name":"a\u0007b"}"#, "first_name"),
    (REGISTER, r#"{P,"last_name":"a\nb"}"#, "last_name"),
    (REGISTER, r#"{P,"email":"nobody"}"#, "email"),
    (REGISTER, r#"{P,"email":"a b@example.com"}"#, "email"),
    (REGISTER, r#"{P,"email":"a@localhost"}"#, "email"),
    (REGISTER, r#"{P,"email":"a@example..com"}"#, "email"),
    (REGISTER, r#"{P,"email":"a@b@example.com"}"#, "email"),
];
