import GitOpsTypes
import PromotionDomain
public import PromotionEngine

/// Figures by application and environment.
struct MetricsAnswer: Encodable, Sendable {
    @Text var since: Timestamp
    @Text var until: Timestamp
    let applications: [Entry]

    enum CodingKeys: String, CodingKey {
        case since
        case until
        case applications
    }

    init(_ report: MetricsReport) {
        since = report.since
        until = report.until
        applications = report.applications.map { application in
            Entry(name: application.name, environments: application.environments.map { Figures($0, report.days) })
        }
    }
}

extension MetricsAnswer {
    struct Entry: Encodable, Sendable {
        @Text var name: ApplicationName
        let environments: [Figures]

        enum CodingKeys: String, CodingKey {
            case name
            case environments
        }
    }

    struct Figures: Encodable, Sendable {
        @Text var name: EnvironmentName
        let deployments: Int
        let perDay: Double
        let leadTimeSeconds: Quantiles
        /// Null without deployments.
        @OrNull var changeFailureRate: Double?
        let timeToRestoreSeconds: Quantiles

        enum CodingKeys: String, CodingKey {
            case name
            case deployments
            case perDay
            case leadTimeSeconds
            case changeFailureRate
            case timeToRestoreSeconds
        }

        init(_ environment: (name: EnvironmentName, figures: DeploymentFigures), _ days: Double) {
            name = environment.name
            deployments = environment.figures.deployments
            perDay = Double(environment.figures.deployments) / days
            leadTimeSeconds = Quantiles(environment.figures.leadTime)
            changeFailureRate = environment.figures.changeFailureRate
            timeToRestoreSeconds = Quantiles(environment.figures.timeToRestore)
        }
    }

    /// Null without values.
    struct Quantiles: Encodable, Sendable {
        @OrNull var p50: Int64?
        @OrNull var p90: Int64?

        enum CodingKeys: String, CodingKey {
            case p50
            case p90
        }

        init(_ quantiles: DeploymentFigures.Quantiles) {
            p50 = quantiles.p50
            p90 = quantiles.p90
        }
    }
}

extension MetricsReport {
    /// The length of the period in days, never nothing.
    var days: Double { Double(max(1, until.seconds - since.seconds)) / 86_400 }
}

/// How figures are printed for what is no JSON.
public enum MetricsFormat: Sendable {
    case text
    case json
    case prometheus
}

extension Answer {
    /// `promote metrics`
    ///
    /// - Throws: `EncodingError` where a value has no JSON.
    public init(_ report: MetricsReport, as format: MetricsFormat) throws {
        let json = MetricsAnswer(report)
        let text =
            switch format {
            case .text: MetricsText(report: report).text
            case .json: try JSONText.pages(of: json)
            case .prometheus: PrometheusText(report: report).text
            }
        self.init(json: json, text: text)
    }
}
