import PromoteReports
import Testing

/// An answer, the command that it answers, and the golden that it is held to.
struct AnswerSample: Sendable, CustomTestStringConvertible {
    let name: String
    let command: String
    let answer: Answer

    init(_ name: String, _ command: String, _ answer: Answer) {
        self.name = name
        self.command = command
        self.answer = answer
    }

    var testDescription: String { name }

    /// Whether it has the schema of another answer, or is no JSON on its own lines.
    var words: [String] { command.split(separator: " ").map(String.init) }

    /// Everything that the command line does with it: the exit status, standard error, and both forms of standard output.
    func printed() throws -> String {
        ["$ promote \(command)  (exit status \(answer.status.code))\n"].joined()
            + answer.notices.map { "note: \($0)\n" }.joined()
            + "---- text\n\(answer.text)---- json\n\(try answer.jsonText())"
    }
}
