import GitOpsTypes
import ImageSelection
import PromotionDomain

/// An application that is proposed: with what it is, and the environments that have it.
struct ApplicationDraft {
    var name: ApplicationName
    let image: ImageName
    let source: SurveyedSource
    let environments: [EnvironmentName]
    /// What Flux calls the image.
    let policies: [String]
    /// Which builds of the image are wanted; nil where that is not known.
    let selection: ImageSelection?

    /// As the policy will have it, where all of its environments are the application's.
    var application: Application { application(of: nil) }

    private func application(of environments: Set<EnvironmentName>?) -> Application {
        Application(
            name: name, images: [image], source: ownSource, builders: .anyone,
            selections: selection.map { [image: $0] } ?? [:],
            policies: Dictionary(policies.map { ($0, image) }, uniquingKeysWith: { $1 }), environments: environments)
    }

    /// - Parameter all: the environments of the policy.
    func proposed(among all: Set<EnvironmentName>) -> Application {
        let own = Set(environments)
        return application(of: own == all ? nil : own)
    }

    /// The source with what it says of this image alone.
    private var ownSource: ApplicationSource {
        guard case .chart(let chart) = source.source else { return source.source }
        return .chart(
            ChartSource(
                chart: chart.chart, values: chart.values, releaseName: chart.releaseName, namespace: chart.namespace,
                options: chart.options, images: source.chartImages.filter { $0.name == image }))
    }
}

/// Makes applications of sources: one for each image that is built for it.
struct ApplicationDrafts {
    private(set) var drafts: [ApplicationDraft] = []
    private(set) var guesses: [Guess] = []
    private var taken: Set<ApplicationName>
    private let policies: FluxPolicies

    /// - Parameter taken: names that applications have already.
    init(taken: Set<ApplicationName>, _ policies: FluxPolicies) {
        self.taken = taken
        self.policies = policies
    }

    /// - Parameter rendered: what each environment runs that could be rendered.
    mutating func add(
        _ source: SurveyedSource, rendered: [EnvironmentName: Set<ImageName>], wanted: Set<ImageName>
    ) {
        let images = OwnImages(of: source, rendered: rendered, wanted: wanted, known: policies.images)
        guard !images.own.isEmpty else {
            guesses.append(Guess(about: "\(source.template.text) is left alone", because: "nothing in it runs an image"))
            return
        }
        for (image, environments) in images.own.sorted(by: { $0.key < $1.key }) {
            let isOnly = images.own.count == 1
            drafts.append(
                ApplicationDraft(
                    name: name(for: image, of: source, isOnly: isOnly), image: image, source: source,
                    environments: environments.sorted(), policies: policies.names(of: image),
                    selection: policies.selection(of: image)))
        }
        if !images.others.isEmpty {
            guesses.append(
                Guess(
                    about: "\(Self.listed(images.others)) in \(source.template.text)",
                    because:
                        "not promoted: built elsewhere, by their names or as no entry of `images` pins them; --image makes one an application"
                ))
        }
    }

    private mutating func name(for image: ImageName, of source: SurveyedSource, isOnly: Bool) -> ApplicationName {
        let last = String(image.text.split(separator: "/").last ?? "app")
        let place = source.template.text.split(separator: "/").filter { !$0.contains("{environment}") }.map(String.init)
        var candidates =
            isOnly ? [source.name ?? last, last] : [last, [source.name, last].compactMap(\.self).joined(separator: "-")]
        candidates.append((place + [last]).joined(separator: "-"))
        for candidate in candidates {
            if let name = Self.sanitized(candidate), taken.insert(name).inserted { return name }
        }
        for number in 2... {
            if let name = Self.sanitized("\(last.prefix(50))-\(number)"), taken.insert(name).inserted { return name }
        }
        preconditionFailure("there is always another number")
    }

    /// A text as a name of an application; nil where nothing of it can be in one.
    static func sanitized(_ text: String) -> ApplicationName? {
        let plain = text.lowercased().map { character -> Character in
            character.isASCII && (character.isLetter || character.isNumber) ? character : "-"
        }
        let parts = String(plain).split(separator: "-")
        return ApplicationName(String(parts.joined(separator: "-").prefix(63).trimmingDashes))
    }

    static func listed(_ names: [some CustomStringConvertible]) -> String {
        let shown = names.prefix(4).map(\.description).joined(separator: ", ")
        return names.count > 4 ? "\(shown) and \(names.count - 4) more" : shown
    }
}

extension Substring {
    fileprivate var trimmingDashes: Substring {
        var rest = self
        while rest.last == "-" { rest = rest.dropLast() }
        return rest
    }
}
