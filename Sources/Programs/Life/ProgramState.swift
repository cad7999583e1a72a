import HTTP

/// Where a program stands in its life.
package enum ProgramState: String, Codable, CaseIterable, Sendable {
    /// Everything may be changed; nobody sees it.
    case draft
    /// Rules are frozen, their hash and the lottery's commitment are published.
    case announced
    /// Applications are taken, until the database's clock says that it closes.
    case open
    /// Applications are frozen, their hash is published.
    case closed
    /// Shared out; only organizers see how.
    case run
    /// A second organizer has looked at the run.
    case reviewed
    /// Everybody sees their result; offers go out, freed places go to who waits.
    case published
    case ended
    case cancelled

    /// What moves it on.
    package enum Step: String, Codable, CaseIterable, Sendable {
        case announce, open, close, run, review, publish, end, cancel
    }

    /// The state after a step; nil where the step is not allowed. A run may be made again until it is published.
    package func after(_ step: Step) -> ProgramState? {
        switch (self, step) {
        case (.draft, .announce): .announced
        case (.announced, .open): .open
        case (.open, .close): .closed
        case (.closed, .run), (.run, .run), (.reviewed, .run): .run
        case (.run, .review): .reviewed
        case (.reviewed, .publish): .published
        case (.published, .end): .ended
        case (.draft, .cancel), (.announced, .cancel), (.open, .cancel), (.closed, .cancel), (.run, .cancel), (.reviewed, .cancel):
            .cancelled
        default: nil
        }
    }
}

extension ProgramState {
    /// As organizers are told it, the pages in the same words.
    var words: Localized {
        switch self {
        case .draft: Localized(zh: "还是草稿", en: "a draft")
        case .announced: Localized(zh: "已公布", en: "announced")
        case .open: Localized(zh: "正在报名", en: "open")
        case .closed: Localized(zh: "已截止报名", en: "closed")
        case .run: Localized(zh: "已分配、待审核", en: "to be reviewed")
        case .reviewed: Localized(zh: "已审核", en: "reviewed")
        case .published: Localized(zh: "已公示结果", en: "published")
        case .ended: Localized(zh: "已结束", en: "ended")
        case .cancelled: Localized(zh: "已取消", en: "cancelled")
        }
    }
}

extension ProgramState.Step {
    var words: Localized {
        switch self {
        case .announce: Localized(zh: "公布规则", en: "announced")
        case .open: Localized(zh: "开始报名", en: "opened")
        case .close: Localized(zh: "截止报名", en: "closed")
        case .run: Localized(zh: "分配", en: "shared out")
        case .review: Localized(zh: "审核", en: "reviewed")
        case .publish: Localized(zh: "公示结果", en: "published")
        case .end: Localized(zh: "结束", en: "ended")
        case .cancel: Localized(zh: "取消", en: "cancelled")
        }
    }
}

/// Where an applicant's place stands.
package enum AwardState: String, Codable, CaseIterable, Sendable {
    case placed, offered, confirmed, declined, lapsed, withdrawn, attended, excused
    case noShow = "no_show"
    case used

    /// Whether it takes a seat of its session and a place of the quota. Who did not come has given the seat to whoever came instead.
    package var holdsPlace: Bool {
        switch self {
        case .placed, .offered, .confirmed, .attended, .used: true
        case .declined, .lapsed, .withdrawn, .excused, .noShow: false
        }
    }

    /// Whether it takes the person's benefit of the period: who did not come has used it up, unless excused.
    package var holdsBenefit: Bool { holdsPlace || self == .noShow }

    /// The states that may follow.
    package var next: [AwardState] {
        switch self {
        case .placed: [.offered, .withdrawn]
        case .offered: [.confirmed, .declined, .lapsed, .withdrawn]
        case .confirmed: [.attended, .used, .excused, .noShow, .withdrawn]
        case .noShow: [.attended, .excused]
        case .attended, .used, .declined, .lapsed, .withdrawn, .excused: []
        }
    }
}
