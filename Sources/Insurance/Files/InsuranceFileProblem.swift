package import HTTP

/// The problems of what goes to insurers and comes back from them.
package enum InsuranceFileProblem {
    package static let rosterUnknown = ProblemType("insurance.roster_unknown", 404, zh: "没有这份名单", en: "There is no such roster")
    package static let resultUnknown = ProblemType(
        "insurance.result_unknown", 404, zh: "没有这份承保结果", en: "There is no such file of results")
    package static let rosterEmpty = ProblemType("insurance.roster_empty", 409, zh: "没有待投保的名额", en: "No policy waits to be sent")
    package static let rosterNotPermitted = ProblemType(
        "insurance.roster_not_permitted", 403, zh: "您在该范围内没有查看未脱敏数据的权限",
        en: "You may not see unmasked data of this batch's organization")
    package static let numbersNotPermitted = ProblemType(
        "insurance.numbers_not_permitted", 403, zh: "承保单位不在您的范围内，不能替它给出保单号",
        en: "The insurer lies outside of your organizations: its numbers are not yours to bring")

    package static let empty = ProblemType("insurance.file_empty", 422, zh: "文件没有内容", en: "The file has no lines")
    package static let encoding = ProblemType(
        "insurance.file_encoding", 422, zh: "文件编码与约定的不一致", en: "The file is not in the encoding that was agreed")
    package static let titles = ProblemType(
        "insurance.file_titles", 422, zh: "表头与约定的不一致", en: "The titles are not those that were agreed")
    package static let truncated = ProblemType(
        "insurance.file_truncated", 422, zh: "文件不完整：最后一行没有结束", en: "The file was cut off: its last line does not end")
    package static let faulty = ProblemType(
        "insurance.file_faulty", 422, zh: "文件中有无法读取的内容，没有处理任何一行",
        en: "Some lines cannot be read, so none of the file was taken")
    package static let tooLong = ProblemType(
        "insurance.file_too_long", 422, zh: "文件行数过多", en: "The file has too many lines")
    package static let otherBatch = ProblemType(
        "insurance.result_of_other_batch", 409, zh: "文件中有其他批次的保单", en: "Some lines are about policies of another batch")
    package static let beyondSent = ProblemType(
        "insurance.results_exceed_sent", 409, zh: "结果比已投保的还多", en: "There are more results than policies that were sent")
    package static let beyondSize = ProblemType(
        "insurance.numbers_exceed_size", 409, zh: "号码多于批次的份数", en: "There are more numbers than policies in the batch")

    package static let all: [ProblemType] = [
        rosterUnknown, resultUnknown, rosterEmpty, rosterNotPermitted, numbersNotPermitted, empty, encoding, titles, truncated, faulty,
        tooLong, otherBatch, beyondSent, beyondSize,
    ]

    /// Those of a file that is read.
    static let ofFiles: [ProblemType] = [empty, encoding, titles, truncated, faulty, tooLong]
}
