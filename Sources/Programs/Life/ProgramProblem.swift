package import HTTP

/// The problems of programs' lives; those of applications, runs and awards stand beside them.
package enum ProgramProblem {
    package static let notFound = ProblemType("program.not_found", 404, zh: "没有这个项目", en: "There is no such program")
    package static let invalid = ProblemType("program.invalid", 422, zh: "内容有误", en: "Something in it is not right")
    package static let changed = ProblemType(
        "program.changed", 412, zh: "项目已被他人更改，请重新读取", en: "The program was changed meanwhile: read it again")
    package static let frozen = ProblemType(
        "program.frozen", 409, zh: "项目已公布，规则不能再改", en: "The program was announced: its rules do not change any more")
    package static let wrongState = ProblemType(
        "program.wrong_state", 409, zh: "项目目前的状态不允许这一步", en: "This step does not follow from the program's present state")
    package static let notYet = ProblemType("program.not_yet", 409, zh: "时间未到", en: "Its time has not come")
    package static let holdsPlaces = ProblemType(
        "program.holds_places", 409, zh: "已有人获得名额，不能整体更换场次", en: "People hold places: sessions cannot be replaced as a whole")
    package static let placesShort = ProblemType(
        "program.places_short", 409, zh: "上级项目没有这么多名额可分", en: "The program has not so many places to give to a part")

    package static let all: [ProblemType] =
        [notFound, invalid, changed, frozen, wrongState, notYet, holdsPlaces, placesShort]
        + RulesProblem.all + ApplicationProblem.all + RunProblem.all + AwardProblem.all + SeatProblem.all
}
