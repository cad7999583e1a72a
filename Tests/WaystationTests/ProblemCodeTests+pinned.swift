extension ProblemCodeTests {
    static let pinned = """
        400 http.malformed
        400 import.file_cut
        400 request.body_missing
        400 request.duplicate_key
        400 request.invalid_utf8
        400 request.malformed_json
        400 request.too_deep
        401 auth.token_invalid
        401 auth.token_missing
        403 access.access_point_foreign
        403 access.device_only
        403 access.scan_foreign
        403 auth.cross_site_refused
        403 auth.not_permitted
        403 coupon.redemption_foreign
        403 insurance.numbers_not_permitted
        403 insurance.own_run
        403 insurance.roster_not_permitted
        403 program.own_cut
        403 program.own_run
        403 registry.grant_not_allowed
        403 registry.pairing_code_refused
        403 registry.sign_in_refused
        403 registry.unmasked_export_not_permitted
        403 school.device_only
        403 school.own_cut
        403 school.seated_only
        403 transfer.not_a_side
        403 venue.device_only
        404 access.access_point_unknown
        404 access.credential_unknown
        404 access.scan_unknown
        404 application.none
        404 application.not_found
        404 award.not_found
        404 checkup.campaign_unknown
        404 checkup.visit_unknown
        404 coupon.campaign_unknown
        404 coupon.claim_unknown
        404 coupon.redemption_unknown
        404 coupon.round_unknown
        404 coupon.settlement_unknown
        404 coupon.unknown
        404 http.not_found
        404 import.not_found
        404 insurance.batch_unknown
        404 insurance.claim_unknown
        404 insurance.insurer_unknown
        404 insurance.policy_unknown
        404 insurance.product_unknown
        404 insurance.result_unknown
        404 insurance.roster_unknown
        404 job.not_found
        404 join.application_unknown
        404 join.code_unknown
        404 program.not_found
        404 program.not_published
        404 program.run_not_found
        404 registry.account_not_found
        404 registry.audit_entry_not_found
        404 registry.device_not_found
        404 registry.duplicate_not_found
        404 registry.grant_not_found
        404 registry.join_code_none
        404 registry.member_not_found
        404 registry.organization_not_found
        404 registry.session_not_found
        404 school.appeal_unknown
        404 school.calendar_unknown
        404 school.category_unknown
        404 school.certificate_unknown
        404 school.class_unknown
        404 school.course_unknown
        404 school.device_unknown
        404 school.draw_unknown
        404 school.enrolment_unknown
        404 school.lent_seat_unknown
        404 school.lesson_unknown
        404 school.room_unknown
        404 school.standing_unknown
        404 school.teacher_unknown
        404 school.term_unknown
        404 school.unknown
        404 station.alarm_unknown
        404 station.unknown
        404 transfer.not_found
        404 venue.device_unknown
        404 venue.not_in_campaign
        404 venue.unknown
        404 webhook.delivery_not_found
        404 webhook.endpoint_not_found
        405 http.method_not_allowed
        406 http.not_acceptable
        408 http.timeout
        409 access.credential_expired
        409 access.credential_not_a_card
        409 access.credential_revoked
        409 access.exit_since
        409 access.member_gone
        409 access.not_an_entry
        409 access.number_bound
        409 access.policy_locks_everyone_out
        409 access.request_id_reused
        409 application.state_not_allowed
        409 award.benefit_taken
        409 award.holds_place
        409 award.member_not_active
        409 award.not_allowed
        409 award.offer_over
        409 award.program_not_published
        409 award.quota_full
        409 award.session_full
        409 award.session_over
        409 checkup.campaign_exists
        409 checkup.nothing_to_follow
        409 checkup.package_exists
        409 checkup.request_id_reused
        409 checkup.sessions_exist
        409 checkup.sessions_frozen
        409 checkup.swap_full
        409 checkup.swap_no_place
        409 checkup.swap_too_late
        409 coupon.annulment_too_late
        409 coupon.beyond_budget
        409 coupon.not_returnable
        409 coupon.own_not_usable
        409 coupon.redemption_not_standing
        409 coupon.request_id_reused
        409 coupon.round_frozen
        409 coupon.settlement_overlaps
        409 coupon.settlement_too_early
        409 coupon.wrong_state
        409 insurance.accept_too_late
        409 insurance.already_accepted
        409 insurance.claim_final
        409 insurance.covered_already
        409 insurance.frozen
        409 insurance.had_already
        409 insurance.no_acceptance
        409 insurance.no_certificate
        409 insurance.no_place
        409 insurance.nobody_eligible
        409 insurance.not_active
        409 insurance.not_covering
        409 insurance.not_eligible
        409 insurance.not_issued
        409 insurance.not_open
        409 insurance.not_refusable
        409 insurance.numbers_exceed_size
        409 insurance.policy_over
        409 insurance.request_id_reused
        409 insurance.result_of_other_batch
        409 insurance.results_exceed_sent
        409 insurance.roster_empty
        409 insurance.run_under_way
        409 insurance.with_insurer
        409 insurance.wrong_state
        409 job.over
        409 job.running
        409 join.person_exists
        409 program.beacon_awaited
        409 program.beacon_refused
        409 program.cut_changed
        409 program.frozen
        409 program.holds_places
        409 program.inputs_changed
        409 program.no_applicants
        409 program.no_cut
        409 program.not_open
        409 program.not_reviewed
        409 program.not_yet
        409 program.places_short
        409 program.run_decided
        409 program.run_under_way
        409 program.seats_held
        409 program.wrong_state
        409 registry.account_disabled
        409 registry.account_exists
        409 registry.consent_needed
        409 registry.device_revoked
        409 registry.duplicate_decided
        409 registry.grant_exists
        409 registry.last_owner
        409 registry.member_erased
        409 registry.member_exists
        409 registry.member_merged
        409 registry.member_not_active
        409 registry.organization_closed
        409 registry.organization_cycle
        409 registry.organization_exists
        409 registry.organization_in_use
        409 registry.organization_kind_not_allowed
        409 registry.organization_not_holding
        409 registry.status_not_allowed
        409 school.appeal_decided
        409 school.appeal_exists
        409 school.certificate_revoked
        409 school.cut_changed
        409 school.device_unbound
        409 school.excuse_too_late
        409 school.feedback_closed
        409 school.lent_seat_busy
        409 school.lent_seat_over
        409 school.lesson_called_off
        409 school.lesson_offline
        409 school.lesson_over
        409 school.name_taken
        409 school.no_cut
        409 school.no_seat_held
        409 school.not_completed
        409 school.not_drawn
        409 school.offer_over
        409 school.on_the_roll
        409 school.request_id_reused
        409 school.scan_id_reused
        409 school.second_organizer_needed
        409 school.standing_lifted
        409 school.wrong_state
        409 station.alarm_closed
        409 station.hours_lock_everyone_out
        409 transfer.deadline_passed
        409 transfer.ended
        409 transfer.member_not_active
        409 transfer.open_exists
        409 transfer.same_organization
        409 transfer.target_closed
        409 venue.closed
        409 venue.device_unbound
        409 venue.stock_below_spoken_for
        410 access.annulment_too_late
        410 join.code_ended
        410 join.organization_closed
        410 program.closed
        410 registry.person_forgotten
        412 access.policy_changed
        412 coupon.changed
        412 insurance.changed
        412 program.changed
        412 registry.member_changed
        412 registry.organization_changed
        412 school.changed
        412 station.changed
        412 webhook.endpoint_changed
        413 http.body_too_large
        414 http.target_too_long
        415 http.unsupported_media_type
        417 http.expectation_failed
        422 access.credential_invalid
        422 access.line_malformed
        422 application.refused
        422 award.session_unknown
        422 checkup.invalid
        422 checkup.program_unknown
        422 checkup.swap_session_unknown
        422 coupon.invalid
        422 coupon.organization_unknown
        422 import.columns_wrong
        422 import.encoding_unavailable
        422 import.file_binary
        422 import.file_empty
        422 import.file_spreadsheet
        422 import.file_utf16
        422 insurance.beneficiary_required
        422 insurance.beneficiary_statutory
        422 insurance.day_not_covered
        422 insurance.file_empty
        422 insurance.file_encoding
        422 insurance.file_faulty
        422 insurance.file_titles
        422 insurance.file_too_long
        422 insurance.file_truncated
        422 insurance.invalid
        422 insurance.organization_unknown
        422 join.form_invalid
        422 program.cannot_run
        422 program.group_unknown
        422 program.invalid
        422 program.rules_invalid
        422 program.session_unknown
        422 program.simulation_too_wide
        422 program.walk_in_above_capacity
        422 registry.attribute_invalid
        422 registry.export_reason_needed
        422 registry.member_invalid
        422 registry.merge_duplicate_unknown
        422 registry.merge_with_itself
        422 registry.national_id_end_needed
        422 registry.organization_invalid
        422 registry.organization_unknown
        422 registry.password_invalid
        422 registry.phone_invalid
        422 registry.reason_missing
        422 request.duplicate_parameter
        422 request.idempotency_key_reused
        422 request.invalid_body
        422 request.invalid_parameter
        422 request.missing_parameter
        422 request.unknown_parameter
        422 school.device_profile
        422 school.invalid
        422 school.organization_unknown
        422 station.invalid
        422 venue.device_profile
        422 venue.invalid
        422 webhook.invalid
        429 coupon.too_many_claims
        429 insurance.too_many_checks
        429 join.too_many_submissions
        429 registry.too_many_attempts
        429 school.too_many_checks
        431 http.headers_too_large
        431 http.too_many_headers
        500 http.internal
        500 import.failed
        503 access.no_code_left
        503 http.not_ready
        503 http.overloaded
        503 program.file_busy
        503 registry.database_unavailable
        503 registry.passwords_busy
        """

    static let doorReasons = """
        door.access_point_closed
        door.anti_passback
        door.attribute_not_admitted
        door.card_expired
        door.card_revoked
        door.card_unknown
        door.code_expired
        door.code_forged
        door.code_from_future
        door.code_malformed
        door.code_replayed
        door.code_unknown_key
        door.controller_restarted
        door.controller_shut_out
        door.day_code_expired
        door.day_code_unknown
        door.direction_not_served
        door.door_code_expired
        door.door_code_forged
        door.full
        door.interval_too_short
        door.journal_unwritable
        door.locked_down
        door.member_not_active
        door.member_unknown
        door.needs_network
        door.number_unknown
        door.occurred_in_future
        door.occurred_too_long_ago
        door.offline_too_long
        door.offline_unprepared
        door.offline_unverifiable
        door.organization_not_admitted
        door.outside_hours
        door.pin_locked
        door.pin_missing
        door.pin_wrong
        door.reentry_too_soon
        door.station_closed
        door.too_many_tries
        """

    static let rowReasons = """
        import.duplicate_in_file
        import.member_contended
        import.member_elsewhere
        import.member_forgotten
        import.row_columns
        import.row_encoding
        import.row_quote_misplaced
        import.row_quote_unterminated
        import.row_too_long
        member.employment_form_unknown
        member.name_characters
        member.name_missing
        member.name_too_long
        member.national_id_birth_date
        member.national_id_characters
        member.national_id_checksum
        member.national_id_legacy
        member.national_id_length
        member.national_id_missing
        member.national_id_region
        member.national_id_rounded
        member.organization_ambiguous
        member.organization_missing
        member.organization_unknown
        member.phone_invalid
        member.too_young
        member.worker_kind_unknown
        member.yes_or_no_expected
        """
}
