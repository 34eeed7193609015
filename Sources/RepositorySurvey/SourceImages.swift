import GitOpsTypes
import PromotionDomain

/// A source, and the images that each environment runs by it.
struct RenderedSource {
    let source: SurveyedSource
    let images: [EnvironmentName: Set<ImageName>]
}

/// What every source runs in each of its environments.
struct SourceImages {
    private(set) var rendered: [RenderedSource] = []
    private(set) var guesses: [Guess] = []
    private var tags: [EnvironmentName: [ImageName: String]] = [:]

    /// Where more than so many would be rendered, each source is rendered once, and taken to run the same images elsewhere.
    private static let maximumRenderings = 1_500

    private let renderings: RenderedImages

    init(_ renderings: RenderedImages) { self.renderings = renderings }

    /// Renders what was found.
    mutating func add(_ findings: SourceFindings) {
        guesses += findings.guesses
        let isThorough = findings.sources.reduce(0) { $0 + $1.environments.count } <= Self.maximumRenderings
        for source in findings.sources { add(source, isThorough: isThorough) }
        if !isThorough {
            guesses.append(
                Guess(
                    about: "images of \(findings.sources.count) places",
                    because: "each was rendered in one environment, and is taken to run the same images in the others"))
        }
    }

    var trail: VersionTrail { VersionTrail(tags) }

    private mutating func add(_ source: SurveyedSource, isThorough: Bool) {
        var source = source
        var images: [EnvironmentName: Set<ImageName>] = [:]
        var problem: (place: EnvironmentName, text: String)?
        for environment in source.environments {
            if !isThorough, let known = images.values.first {
                images[environment] = known
                continue
            }
            var outcome = renderings.outcome(of: source, named: .surveyed, in: environment)
            if case .problem = outcome, images.isEmpty, problem == nil, let other = unrestricted(source) {
                source = other
                outcome = renderings.outcome(of: source, named: .surveyed, in: environment)
            }
            switch outcome {
            case .images(let found, let unreadable):
                images[environment] = Set(found.keys)
                tags[environment, default: [:]].merge(found) { $1 }
                note(unreadable, of: source, in: environment)
            case .problem(let text): problem = problem ?? (environment, text)
            }
        }
        if let problem {
            let isWhole = images.isEmpty
            guesses.append(
                Guess(
                    about: isWhole ? "\(source.template.text) is left alone" : "\(source.template.text) in \(problem.place)",
                    because: "it does not render: \(problem.text)"))
        }
        if !images.isEmpty { rendered.append(RenderedSource(source: source, images: images)) }
    }

    /// The same, with kustomizations that may read files outside of their folder, where they render in this way alone.
    private mutating func unrestricted(_ source: SurveyedSource) -> SurveyedSource? {
        guard case .overlay(let path, let dialect) = source.source, dialect.loading == .root,
            let first = source.environments.first
        else { return nil }
        var other = source
        other.source = .overlay(path, as: KustomizeDialect(dialect.version, loading: .none))
        guard case .images = renderings.outcome(of: other, named: .surveyed, in: first) else { return nil }
        guesses.append(
            Guess(
                about: "loadRestrictions of \(source.template.text)",
                because: "its kustomizations read files outside of their folder, which its agent has to allow"))
        return other
    }

    private mutating func note(_ unreadable: [String], of source: SurveyedSource, in environment: EnvironmentName) {
        guard let first = unreadable.first else { return }
        guesses.append(
            Guess(
                about: "“\(first.displayable)” in \(source.template.text)",
                because: "it is no reference of an image as \(environment) renders it, and is not promoted"))
    }
}

extension ApplicationName {
    /// Stands for the name of an application that has none yet.
    static let surveyed: ApplicationName = {
        guard let name = ApplicationName("application") else { preconditionFailure("a word is a name") }
        return name
    }()
}
