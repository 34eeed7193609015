import GitOpsTypes
import Glibc
import PromoteReports
import Secrets
import SystemPackage

/// Where answers and narration go: answers to standard output, everything else to standard error.
struct Terminal: Sendable {
    /// How text for people is set here.
    let style: TextStyle

    /// Colour is for terminals only, and never carries meaning of its own.
    ///
    /// Source: no-color.org.
    static func current() -> Terminal {
        let isPlain = !Self.variable("NO_COLOR").isEmpty || Self.variable("TERM") == "dumb"
        let isTerminal = isatty(STDOUT_FILENO) == 1
        return Terminal(
            style: TextStyle(
                usesColour: !isPlain && isTerminal, now: isTerminal ? Timestamp(seconds: Int64(Glibc.time(nil))) : nil))
    }

    private static func variable(_ name: String) -> String {
        getenv(name).map { String(cString: $0) } ?? ""
    }

    /// What became of an answer.
    enum Delivery {
        case written
        /// Its reader has closed the pipe, as `head` does when it has read enough.
        case unwanted
        /// A full disk, a closed stream; told on standard error.
        case failed
    }

    /// - Throws: `EncodingError` where a value has no JSON.
    @discardableResult
    func answer(_ answer: Answer, asJSON: Bool) throws -> Delivery {
        self.answer(asJSON ? try answer.jsonText() : answer.text)
    }

    @discardableResult
    func answer(_ text: String) -> Delivery { answer(Array(Redaction.hide(inOwnWords: text).utf8)) }

    @discardableResult
    func answer(_ bytes: [UInt8]) -> Delivery {
        do {
            try FileDescriptor.standardOutput.writeAll(bytes)
            return .written
        } catch Errno.brokenPipe {
            return .unwanted
        } catch {
            narrate("note: the answer could not be written to standard output; what the command did is done")
            return .failed
        }
    }

    /// Writes an answer in the place of the one before it, on a terminal; below that, elsewhere.
    func redraw(_ text: String, isFirst: Bool) -> Delivery {
        let clearing = isatty(STDOUT_FILENO) == 1 && !isFirst ? "\u{1B}[H\u{1B}[2J" : ""
        return answer(clearing + text)
    }

    func narrate(_ text: String) {
        // When even standard error is closed, no reader is left.
        _ = try? FileDescriptor.standardError.writeAll((Redaction.hide(in: text) + "\n").utf8)
    }

    /// Whether a person is there who can be asked.
    var asks: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// Asks for a yes, which an empty line is, too; the end of input is a no.
    func confirms(_ question: String) -> Bool {
        _ = try? FileDescriptor.standardError.writeAll("\(question) [Y/n] ".utf8)
        guard let line = readLine() else { return false }
        return ["", "y", "yes"].contains(line.lowercased())
    }

    /// Writes over the line that standard error is at, which has to be one of a terminal.
    func overwrite(_ line: String) {
        _ = try? FileDescriptor.standardError.writeAll("\r\u{1B}[K\(Redaction.hide(in: line))".utf8)
    }
}
