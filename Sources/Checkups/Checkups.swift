package import HTTP
package import Scheduler

/// The checkups feature, as `waystation` puts it together.
package struct Checkups: Sendable {
    package let routes: [Route] = []
    package let jobs: [Job] = []

    package init() {}
}
