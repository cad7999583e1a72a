import HTTP
import Postgres
import Registry

/// What waits at the night schools: every statement about it.
enum SchoolDecisionStore {
    static let all: [OpenDecision] = [
        OpenDecision("appeals", RegistryPermission.schoolsWrite, path: nil) { caller in
            """
            select standing_appeal.filed_at, 1::bigint
            from standing_appeal
            join enrolment_standing on enrolment_standing.standing_id = standing_appeal.standing_id
            join school on school.school_id = enrolment_standing.school_id
            where standing_appeal.state = 'filed' and \(fragment: caller.scope.condition("school.organization_id"))
            order by standing_appeal.standing_id
            """
        },
        OpenDecision("class_cuts", RegistryPermission.schoolsWrite) { caller in
            """
            select class_seat_cut.proposed_at, 1::bigint
            from class_seat_cut
            join school_class on school_class.class_id = class_seat_cut.class_id
            join school on school.school_id = school_class.school_id
            where class_seat_cut.proposed_by <> \(caller.subject)
                and \(fragment: caller.scope.condition("school.organization_id"))
            order by class_seat_cut.cut_id
            """
        },
    ]
}
