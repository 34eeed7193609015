import GitOpsTypes
import PromotionConfiguration
import PromotionDomain

// Names that people type, held against what the policy has. What is not there is told with the nearest name that is.
extension Policy {
    /// - Parameter name: nil where the configuration has one application only.
    func application(named name: String?) throws(EngineError) -> Application {
        let known = applications.map(\.name.text)
        guard let name else {
            if applications.count == 1 { return applications[0] }
            throw .usage(
                known.isEmpty ? "the configuration has no application" : "there are several applications: name one with --app",
                hint: known.isEmpty ? nil : "known: \(known.joined(separator: ", "))")
        }
        if let application = ApplicationName(name).flatMap(application) { return application }
        throw .usage("there is no application “\(name.displayable)”", hint: suggestion(name, known))
    }

    /// The applications that are meant: the one of that name, or all of them.
    func applications(named name: String?) throws(EngineError) -> [Application] {
        guard let name else { return applications }
        return [try application(named: name)]
    }

    /// Whose ledger is meant: that of an application, or `_environments`.
    func ledger(named text: String?) throws(EngineError) -> ApplicationName {
        if let text, ApplicationName(ofLedger: text) == .environments { return .environments }
        return try application(named: text).name
    }

    func environment(named name: String) throws(EngineError) -> Environment {
        if let environment = EnvironmentName(name).flatMap(environment) { return environment }
        let known = environments.map(\.name.text)
        if name == "build" {
            throw .usage(
                "build is no environment: builds come from `promote register`",
                hint:
                    "into an environment: promote build \(environments.first { $0.source == .build }?.name.text ?? "<environment>")"
            )
        }
        // What is first on the command line may be meant for a command.
        let command =
            closestMatch(to: name, among: known) == nil ? closestMatch(to: name, among: PolicyLoader.commandNames.sorted()) : nil
        throw .usage(
            "there is no environment “\(name.displayable)”" + (command == nil ? "" : ", and no such command"),
            hint: command.map { "did you mean the command `promote \($0)`?" } ?? suggestion(name, known))
    }

    /// The environment as it is for an application.
    func environment(named name: String, of application: Application) throws(EngineError) -> Environment {
        let named = try environment(named: name).name
        if let environment = environment(named, of: application) { return environment }
        let own = environments(of: application).map(\.name.text).joined(separator: ", ")
        throw .usage(
            "\(application.name) has no environment \(named)", hint: "by its `environments` it has \(own)")
    }

    func environment(named name: String, of application: ApplicationName) throws(EngineError) -> Environment {
        try environment(named: name, of: self.application(named: application.text))
    }

    /// The environments of an application that are meant: the one of that name, where it has it, or all of them.
    func environments(of application: Application, named name: EnvironmentName?) -> [Environment] {
        let own = environments(of: application)
        guard let name else { return own }
        return own.filter { $0.name == name }
    }

    func origin(named name: String) throws(EngineError) -> PromotionOrigin {
        if name == "build" { return .build }
        return .environment(try environment(named: name).name)
    }

    /// The same, where the application has it.
    func origin(named name: String, of application: Application) throws(EngineError) -> PromotionOrigin {
        if name == "build" { return .build }
        return .environment(try environment(named: name, of: application).name)
    }

    /// The promotion of that id; where there is one application, its number is enough.
    func promotionID(named text: String) throws(EngineError) -> PromotionID {
        if let id = promotionID(in: text) { return id }
        throw .usage(
            "there is no promotion “\(text.displayable)”",
            hint: "promotions are called <application>-<number>; see `promote status`")
    }

    func promotionID(in text: String) -> PromotionID? {
        if let id = PromotionID(text), application(id.application) != nil { return id }
        guard let only = applications.first, applications.count == 1 else { return nil }
        return PromotionID("\(only.name)-\(text)")
    }

    /// The application whose release a name begins with, or the only one.
    func application(ofReleaseNamed text: String) throws(EngineError) -> Application {
        let named = applications.filter { text.utf8.starts(with: "\($0.name)-".utf8) }
        if let application = named.max(by: { $0.name.text.utf8.count < $1.name.text.utf8.count }) { return application }
        guard let only = applications.first, applications.count == 1 else {
            throw .usage(
                "“\(text.displayable)” names no application",
                hint: "releases are called <application>-<12 hex digits>, of which the first four or more are enough; "
                    + "see `promote releases`")
        }
        return only
    }
}

/// The release that a text means: an id, the beginning of one, or a tag or version that no other release has.
func requireRelease(named text: String, in state: ApplicationState) throws(EngineError) -> Release {
    let found = state.releases(named: text)
    guard let release = found.first else {
        throw .usage(
            "\(state.application) has no release “\(text.displayable)”",
            hint: state.releases.isEmpty
                ? "none is registered yet: promote register <image>@sha256:… --app \(state.application)"
                : suggestion(text, state.releases.suffix(5).map(\.id.text))
                    + "; see `promote releases --app \(state.application)`")
    }
    guard found.count == 1 else {
        throw .usage(
            "“\(text.displayable)” may be \(found.prefix(5).map(\.id.text).joined(separator: " or "))"
                + (found.count > 5 ? " or \(found.count - 5) more" : ""),
            hint: "name one by its id")
    }
    return release
}

/// The promotion of that id, where the ledger has it.
func requirePromotion(_ id: PromotionID, in state: ApplicationState) throws(EngineError) -> Promotion {
    guard let promotion = state.promotion(id.number) else {
        throw .usage("there is no promotion \(id)", hint: "see `promote history --app \(id.application)`")
    }
    return promotion
}

/// What to say beside a name that does not exist: the known one that is nearest, or all of them.
func suggestion(_ text: String, _ known: [String]) -> String {
    if let close = closestMatch(to: text, among: known) { return "did you mean “\(close)”?" }
    return known.isEmpty ? "none is configured" : "known: \(known.joined(separator: ", "))"
}
