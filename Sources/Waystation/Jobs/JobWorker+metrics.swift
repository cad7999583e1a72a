import HTTP
import Scheduler

extension JobWorker {
    /// Shows the queue at `/metrics`, as this server last saw it.
    func show(in metrics: Metrics) {
        metrics.gauge("waystation_jobs_queued", "Queued jobs that wait, due or not") { [self] in Double(figures.queued) }
        metrics.gauge("waystation_jobs_running", "Queued jobs under way, on any server") { [self] in Double(figures.running) }
        metrics.gauge("waystation_jobs_dead", "Queued jobs that were given up: waystation jobs shows them") { [self] in
            Double(figures.dead)
        }
        metrics.gauge("waystation_job_oldest_due_seconds", "How long the queued job that is due longest has waited") { [self] in
            figures.oldestDueSeconds
        }
    }
}
