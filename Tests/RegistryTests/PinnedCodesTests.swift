import HTTP
import Testing

@testable import Registry

/// Clients hang on these: a code that is changed or dropped breaks them, so it is changed here too, knowingly.
@Suite struct PinnedCodesTests {
    @Test func `problems keep their codes and statuses`() {
        #expect(
            RegistryProblem.all.map { "\($0.status) \($0.code)" }.sorted() == [
                "400 import.file_cut", "403 registry.pairing_code_refused", "404 import.not_found", "404 registry.device_not_found",
                "404 registry.member_not_found", "404 registry.organization_not_found", "409 registry.device_revoked",
                "409 registry.member_exists", "409 registry.member_not_active", "409 registry.organization_exists",
                "409 registry.status_not_allowed", "412 registry.member_changed", "422 import.columns_wrong",
                "422 import.encoding_unavailable", "422 import.file_binary", "422 import.file_empty", "422 import.file_spreadsheet",
                "422 import.file_utf16", "422 registry.member_invalid", "422 registry.organization_unknown",
                "422 request.idempotency_key_reused", "500 import.failed", "503 registry.database_unavailable",
            ])
    }

    @Test func `faults of fields and rows keep their codes`() {
        #expect(
            MemberFault.all.map(\.code).sorted() == [
                "import.duplicate_in_file", "import.member_contended", "import.member_forgotten", "import.row_columns",
                "import.row_encoding", "import.row_quote_misplaced", "import.row_quote_unterminated", "import.row_too_long",
                "member.employment_form_unknown", "member.name_characters", "member.name_missing", "member.name_too_long",
                "member.national_id_birth_date", "member.national_id_characters", "member.national_id_checksum",
                "member.national_id_legacy", "member.national_id_length", "member.national_id_missing", "member.national_id_region",
                "member.national_id_rounded", "member.organization_ambiguous", "member.organization_missing",
                "member.organization_unknown", "member.phone_invalid", "member.worker_kind_unknown", "member.yes_or_no_expected",
            ])
    }
}
