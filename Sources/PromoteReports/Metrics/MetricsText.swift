import GitOpsTypes
import PromotionDomain
import PromotionEngine

/// Figures for people.
struct MetricsText {
    let report: MetricsReport

    var text: String {
        var table = TextTable(header: [
            "APPLICATION", "ENVIRONMENT", "DEPLOYMENTS", "PER DAY", "LEAD TIME", "(P90)", "FAILED", "RESTORED IN", "(P90)",
        ])
        for application in report.applications {
            for (index, environment) in application.environments.enumerated() {
                let figures = environment.figures
                table.add([
                    index == 0 ? application.name.text : "", environment.name.text, "\(figures.deployments)",
                    Self.decimal(Double(figures.deployments) / report.days), Self.length(figures.leadTime.p50),
                    Self.length(figures.leadTime.p90), figures.changeFailureRate.map { "\(Int(($0 * 100).rounded())) %" } ?? "–",
                    Self.length(figures.timeToRestore.p50), Self.length(figures.timeToRestore.p90),
                ])
            }
        }
        let lines =
            ["From \(report.since) to \(report.until), by the ledger", ""] + table.lines()
            + ["", "next: promote metrics --format prometheus, for a collector; promote history"]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func decimal(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }

    /// Two units at most, which is as exact as a person wants it.
    private static func length(_ seconds: Int64?) -> String {
        guard let seconds else { return "–" }
        let units: [(size: Int64, sign: String)] = [(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")]
        guard let first = units.firstIndex(where: { seconds >= $0.size }) else { return "0s" }
        let whole = "\(seconds / units[first].size)\(units[first].sign)"
        guard first + 1 < units.count else { return whole }
        let rest = seconds % units[first].size / units[first + 1].size
        return rest == 0 ? whole : "\(whole) \(rest)\(units[first + 1].sign)"
    }
}

/// Figures as Prometheus collects them, by its text format.
///
/// Source: prometheus.io/docs/instrumenting/exposition_formats. Names of applications and environments need no escapes.
struct PrometheusText {
    let report: MetricsReport

    private struct Family: Sendable {
        let name: String
        let help: String
        let values: @Sendable (DeploymentFigures) -> [(labels: String, value: Double)]
    }

    private static let families: [Family] = [
        Family(name: "promote_deployments", help: "Promotions that were merged in the period.") {
            [("", Double($0.deployments))]
        },
        Family(name: "promote_lead_time_seconds", help: "From the registration of a build to its deployment.") {
            quantiles($0.leadTime)
        },
        Family(name: "promote_change_failure_ratio", help: "The part of the deployments that failed.") {
            $0.changeFailureRate.map { [("", $0)] } ?? []
        },
        Family(name: "promote_time_to_restore_seconds", help: "From a failure to what restored the service.") {
            quantiles($0.timeToRestore)
        },
    ]

    private static func quantiles(_ quantiles: DeploymentFigures.Quantiles) -> [(labels: String, value: Double)] {
        [("0.5", quantiles.p50), ("0.9", quantiles.p90)].compactMap { name, value in
            value.map { (labels: ",quantile=\"\(name)\"", value: Double($0)) }
        }
    }

    var text: String {
        var lines: [String] = []
        for family in Self.families {
            lines += ["# HELP \(family.name) \(family.help)", "# TYPE \(family.name) gauge"]
            for application in report.applications {
                for environment in application.environments {
                    let labels = "application=\"\(application.name)\",environment=\"\(environment.name)\""
                    lines += family.values(environment.figures).map { "\(family.name){\(labels)\($0.labels)} \($0.value)" }
                }
            }
        }
        lines += [
            "# HELP promote_metrics_period_seconds How long the period is.", "# TYPE promote_metrics_period_seconds gauge",
            "promote_metrics_period_seconds \(report.until.seconds - report.since.seconds)",
        ]
        return lines.joined(separator: "\n") + "\n"
    }
}
