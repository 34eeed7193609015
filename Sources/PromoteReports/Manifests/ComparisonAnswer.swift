import PromotionDomain
public import PromotionEngine
import PromotionPlanning

/// What differs between two environments, as they are rendered.
struct ComparisonAnswer: Encodable, Sendable {
    @Text var from: EnvironmentName
    @Text var to: EnvironmentName
    let applications: [Application]

    enum CodingKeys: String, CodingKey {
        case from
        case to
        case applications
    }

    init(_ report: ComparisonReport) {
        from = report.from
        to = report.to
        applications = report.applications.map(Application.init)
    }
}

extension ComparisonAnswer {
    struct Application: Encodable, Sendable {
        @Text var name: ApplicationName
        let differs: Bool
        @OrNull var namespaces: Field?
        let objects: [ChangedObject]

        enum CodingKeys: String, CodingKey {
            case name
            case differs
            case namespaces
            case objects
        }

        init(_ comparison: ComparisonReport.ApplicationComparison) {
            name = comparison.name
            differs = !comparison.diff.isEmpty
            namespaces = comparison.diff.namespaces.map(Field.init)
            objects = comparison.diff.objects.map(ChangedObject.init)
        }
    }

    struct ChangedObject: Encodable, Sendable {
        let object: String
        let change: String
        let fields: [Field]

        enum CodingKeys: String, CodingKey {
            case object
            case change
            case fields
        }

        init(_ change: RenderedDiff.ObjectChange) {
            object = change.object
            switch change.kind {
            case .added: (self.change, fields) = ("added", [])
            case .removed: (self.change, fields) = ("removed", [])
            case .changed(let fields): (self.change, self.fields) = ("changed", fields.map(Field.init))
            }
        }
    }

    struct Field: Encodable, Sendable {
        let field: String
        @TextOrNull var old: String?
        @TextOrNull var new: String?

        enum CodingKeys: String, CodingKey {
            case field
            case old
            case new
        }

        init(_ change: RenderedDiff.FieldChange) {
            field = change.field
            old = change.old
            new = change.new
        }
    }
}

extension Answer {
    /// `promote diff`
    ///
    /// - Parameters:
    ///   - unified: whether manifests are shown as a unified diff.
    ///   - saysDifference: whether the status says that there is a difference.
    public init(_ report: ComparisonReport, _ style: TextStyle, unified: Bool, saysDifference: Bool) {
        let differs = report.applications.contains { !$0.diff.isEmpty }
        self.init(
            json: ComparisonAnswer(report), text: ComparisonText(report: report, style: style, unified: unified).text,
            status: saysDifference && differs ? .differences : .success)
    }
}
