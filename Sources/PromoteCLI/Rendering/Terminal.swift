import Glibc
import Secrets
import SystemPackage

/// Where answers and narration go: answers to standard output, everything else to standard error.
struct Terminal: Sendable {
    let usesColour: Bool

    /// Colour is for terminals only, and never carries meaning of its own.
    ///
    /// Source: no-color.org.
    static func current() -> Terminal {
        let isPlain = !Self.variable("NO_COLOR").isEmpty || Self.variable("TERM") == "dumb"
        return Terminal(usesColour: !isPlain && isatty(STDOUT_FILENO) == 1)
    }

    private static func variable(_ name: String) -> String {
        getenv(name).map { String(cString: $0) } ?? ""
    }

    /// - Returns: false when nobody got the answer: a full disk, a closed pipe.
    @discardableResult
    func answer(_ text: String) -> Bool { answer(Array(Redaction.hide(inOwnWords: text).utf8)) }

    /// - Returns: false when nobody got the answer.
    @discardableResult
    func answer(_ bytes: [UInt8]) -> Bool {
        do {
            try FileDescriptor.standardOutput.writeAll(bytes)
            return true
        } catch {
            narrate("note: the answer could not be written to standard output; what the command did is done")
            return false
        }
    }

    func narrate(_ text: String) {
        // When even standard error is closed there is nobody left to tell.
        _ = try? FileDescriptor.standardError.writeAll((Redaction.hide(in: text) + "\n").utf8)
    }

    enum Colour: String {
        case green = "32"
        case yellow = "33"
        case red = "31"
        case bold = "1"
    }

    func coloured(_ text: String, _ colour: Colour) -> String {
        usesColour ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
    }
}
