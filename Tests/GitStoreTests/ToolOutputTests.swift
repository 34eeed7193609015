import GitOpsTypes
import Testing

@testable import GitStore

/// What programs say on standard error, as messages quote it.
@Suite struct ToolOutputTests {
    @Test func `Lines end with CR LF where OpenSSH writes them`() {
        let words = "Couldn't load public key k\r\n\r\nNo such file or directory\r\n"
        #expect(words.firstLine.displayable == "Couldn't load public key k")
        #expect(words.lastLines.displayable == "Couldn't load public key k · No such file or directory")
    }
}
