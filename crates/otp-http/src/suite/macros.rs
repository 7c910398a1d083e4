//! One named test per case.

/// Makes a test of every case of the suite, for the harness that the expression gives. See [`suite`](crate::suite).
#[macro_export]
macro_rules! http_suite {
    ($harness:expr) => {
        $crate::http_suite! { @cases $harness;
            login: with_a_challenge, with_phone_and_code_by_the_old_names, resend_waits_for_the_cooldown,
                failure_bodies_byte_identical, the_language_reaches_the_message, limits_hit_across_spellings, double_submit_one_sms,
                connections_are_kept;
            race: race_200_wrong_guesses_exactly_k_evaluated, race_64_correct_exactly_one_session,
                race_32_refresh_single_leaf;
            registration: ticket_once, ticket_other_phone_fails, ticket_expires, register_without_ticket_401,
                registration_closed_after_the_code;
            sessions: two_tabs_no_logout, lost_response_retry_ok, replay_kills_family, logout_by_either_token,
                logout_all, list_and_revoke, me_needs_a_token, jwks_no_private_member;
            outage: health, store_down_matrix_never_2xx, refused_message_costs_nothing;
            refusals: unknown_paths, methods_that_are_not_served, odd_methods, media_types, malformed_json,
                fields_by_name, otp_input_table, head_is_get_without_body;
            bodies: too_large_by_length, too_large_in_chunks, the_limit_itself_is_read, slowloris_times_out,
                broken_chunks, an_offered_upgrade_changes_nothing;
            paths: no_way_out_of_the_mount, encoded_slashes_part_nothing, nothing_is_decoded, query_is_ignored;
            address: spoofed_xff_table, two_proxies_right_hop, ipv6_rotation_in_64_same_key;
            webhooks: signed_reports_are_taken, unsigned_401, tokens, another_form_400, order_and_repetition_do_not_matter,
                bodies_of_webhooks, handshake, reports_by_get, other_methods, not_mounted_404, sources, webhook_cannot_touch_challenge,
                host_header_ignored;
            guards: open_to_nobody, closed_without_a_token, roles, guards_ask_a_store_that_is_down;
        }
    };
    (@cases $harness:expr; $($group:ident: $($case:ident),+;)+) => {$(
        mod $group {
            #[allow(unused_imports)]
            use super::*;
            $(
                #[test]
                fn $case() {
                    $crate::suite::run($crate::suite::$group::$case(&$harness));
                }
            )+
        }
    )+};
}
