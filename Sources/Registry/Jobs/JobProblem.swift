package import HTTP

/// Every problem of queued jobs.
package enum JobProblem {
    static let notFound = ProblemType("job.not_found", 404, zh: "没有这个任务", en: "There is no such job")
    static let over = ProblemType("job.over", 409, zh: "任务已经结束", en: "The job is over")
    static let running = ProblemType("job.running", 409, zh: "任务正在运行", en: "The job runs already")

    package static let all: [ProblemType] = [notFound, over, running]
}
