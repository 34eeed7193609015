import ArgumentParser
import GitOpsTypes

/// What a command line lacks, told with the whole of it.
struct MissingArguments {
    let message: String
    /// `promote rollback prod --reason <why>`
    let command: String

    /// So many arguments may be missing; no command asks for as many.
    private static let limit = 8

    /// Nil where the command line is wrong in another way.
    init?(of arguments: [String]) {
        var completed = arguments
        var missing: [String] = []
        while missing.count < Self.limit, let next = Self.first(in: completed), next != missing.last {
            missing.append(next)
            completed += next.split(separator: " ").map(String.init)
        }
        guard !missing.isEmpty else { return nil }
        let told = missing.map { $0.replacing("--reason <reason>", with: "--reason <why>") }
        message =
            told == ["--reason <why>"]
            ? "say why: --reason <why>" : "\(told.joined(separator: " and ")) \(told.count == 1 ? "is" : "are") missing"
        command = (["promote"] + arguments.map(\.shellWord) + told).joined(separator: " ")
    }

    /// The argument that a command line lacks first. Parsing does nothing but read it.
    private static func first(in arguments: [String]) -> String? {
        do {
            _ = try PromoteCommand.parseAsRoot(arguments)
            return nil
        } catch {
            let words = PromoteCommand.message(for: error)
            let beginning = "Missing expected argument '"
            guard words.hasPrefix(beginning), words.hasSuffix("'") else { return nil }
            return String(words.dropFirst(beginning.count).dropLast())
        }
    }
}
