import GitOpsTypes
import PromoteReports

/// What a command that goes on does about a remote that is away, and about who was faster: it tries again.
struct Patience {
    /// Seconds until then, for people.
    let interval: Int

    /// - Returns: nil where it is to be tried again, which is told.
    /// - Throws: anything else, which is for a person.
    func result<Result>(_ terminal: Terminal, _ body: () async throws -> Result) async throws -> Result? {
        do {
            return try await body()
        } catch {
            let diagnosis = Diagnosis(error)
            guard [.unavailable, .tryAgain].contains(diagnosis.status) else { throw error }
            terminal.narrate("note: tried again in \(interval) s: \(diagnosis.message.displayable)")
            return nil
        }
    }
}
