import GitOpsTypes
public import PromotionEngine
import RepositorySurvey

/// The files of a configuration, and what they were guessed from.
struct InitAnswer: Encodable, Sendable {
    let written: [String]
    let files: [File]
    let guesses: [GuessAnswer]
    let next: [String]

    enum CodingKeys: String, CodingKey {
        case written
        case files
        case guesses
        case next
    }

    struct File: Encodable, Sendable {
        let path: String
        let content: String

        enum CodingKeys: String, CodingKey {
            case path
            case content
        }
    }

    struct GuessAnswer: Encodable, Sendable {
        let about: String
        let because: String

        enum CodingKeys: String, CodingKey {
            case about
            case because
        }
    }
}

extension Answer {
    /// `promote init`
    ///
    /// - Parameter isAsked: whether the question follows that writes the files, so that there is nothing to type.
    public init(_ report: SetupReport, isAsked: Bool = false) {
        let written: [String]
        switch report.outcome {
        case .written: written = report.files.map(\.path)
        case .proposed, .complete, .unrecognized: written = []
        }
        self.init(
            json: InitAnswer(
                written: written, files: report.files.map { .init(path: $0.path, content: $0.content) },
                guesses: report.guesses.map { .init(about: $0.about.displayable, because: $0.because.displayable) },
                next: Self.next(report)),
            text: Self.text(of: report, isAsked: isAsked))
    }

    private static func text(of report: SetupReport, isAsked: Bool) -> String {
        var lines: [String]
        switch report.outcome {
        case .written: lines = ["Wrote into \(report.directory.displayable)"] + report.files.map { "  \($0.path)" }
        case .complete: lines = ["Nothing to do: everything that was found is configured already"]
        case .unrecognized: lines = ["There are manifests, and no environments were recognized among them"]
        case .proposed:
            lines = report.files.flatMap {
                ["--- \($0.path)"] + $0.content.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            }
        }
        if !report.guesses.isEmpty {
            lines += ["", "Guessed:"] + report.guesses.map { "  \($0.about.displayable): \($0.because.displayable)" }
        }
        if isAsked { return (lines + [""]).joined(separator: "\n") + "\n" }
        let isShown = if case .proposed = report.outcome { true } else { false }
        let next = next(report).joined(separator: "; then: ") + (isShown ? ", which writes these files" : "")
        return (lines + ["", "next: \(next)"]).joined(separator: "\n") + "\n"
    }

    private static func next(_ report: SetupReport) -> [String] {
        switch report.outcome {
        case .proposed(let command): [command]
        case .written, .complete, .unrecognized: report.nextSteps
        }
    }
}
