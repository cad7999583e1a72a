package import HTTP

/// What a person is asked to do once the report is ready. Never why: a finding stands in the report, which this service does not hold.
package enum FollowUpCode: String, Codable, CaseIterable, Sendable {
    case collectReport = "collect_report"
    case callBack = "call_back"
    case repeatTest = "repeat_test"
    case seeDoctor = "see_doctor"

    package var text: Localized {
        switch self {
        case .collectReport: Localized(zh: "请当面领取报告", en: "Please collect the report in person")
        case .callBack: Localized(zh: "请致电体检机构", en: "Please call the clinic")
        case .repeatTest: Localized(zh: "请按约复查", en: "Please have a test repeated")
        case .seeDoctor: Localized(zh: "请到医院就诊", en: "Please see a doctor")
        }
    }
}
