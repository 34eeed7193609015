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
        // What is first on the command line may be meant for a command.
        let command =
            closestMatch(to: name, among: known) == nil ? closestMatch(to: name, among: PolicyLoader.commandNames.sorted()) : nil
        throw .usage(
            "there is no environment “\(name.displayable)”",
            hint: command.map { "did you mean the command `promote \($0)`?" } ?? suggestion(name, known))
    }

    /// The environment as it is for an application.
    func environment(named name: String, of application: Application) throws(EngineError) -> Environment {
        let named = try environment(named: name).name
        if let environment = environment(named, of: application) { return environment }
        let own = environments(of: application).map(\.name.text).joined(separator: ", ")
        throw .usage(
            "\(application.name) has no environment \(named)", hint: "its `environments` in \(PolicyLoader.directory)/ are \(own)"
        )
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

    func promotionID(named text: String) throws(EngineError) -> PromotionID {
        guard let id = PromotionID(text), application(id.application) != nil else {
            throw .usage(
                "there is no promotion “\(text.displayable)”",
                hint: "promotions are called <application>-<number>; see `promote status`")
        }
        return id
    }
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
